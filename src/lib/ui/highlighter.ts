// highlight.js with the languages that people paste most, as pieces instead of markup. A chunk of its own: highlight.ts
// fetches it. Invariant: the pieces joined are the code.

import type { Emitter, HLJSApi } from 'highlight.js';
import core from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import c from 'highlight.js/lib/languages/c';
import cpp from 'highlight.js/lib/languages/cpp';
import csharp from 'highlight.js/lib/languages/csharp';
import css from 'highlight.js/lib/languages/css';
import diff from 'highlight.js/lib/languages/diff';
import dockerfile from 'highlight.js/lib/languages/dockerfile';
import go from 'highlight.js/lib/languages/go';
import ini from 'highlight.js/lib/languages/ini';
import java from 'highlight.js/lib/languages/java';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import kotlin from 'highlight.js/lib/languages/kotlin';
import lua from 'highlight.js/lib/languages/lua';
import markdown from 'highlight.js/lib/languages/markdown';
import php from 'highlight.js/lib/languages/php';
import python from 'highlight.js/lib/languages/python';
import ruby from 'highlight.js/lib/languages/ruby';
import rust from 'highlight.js/lib/languages/rust';
import shell from 'highlight.js/lib/languages/shell';
import sql from 'highlight.js/lib/languages/sql';
import swift from 'highlight.js/lib/languages/swift';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';
import type { CodeMark, CodePiece } from './highlight.ts';

const languages = {
  bash,
  c,
  cpp,
  csharp,
  css,
  diff,
  dockerfile,
  go,
  ini,
  java,
  javascript,
  json,
  kotlin,
  lua,
  markdown,
  php,
  python,
  ruby,
  rust,
  shell,
  sql,
  swift,
  typescript,
  xml,
  yaml
};
let highlighter: HLJSApi | null = null;

/** @returns null for a language that is not among them */
export function codePieces(code: string, language: string): readonly CodePiece[] | null {
  highlighter ??= make();
  if (!highlighter.getLanguage(language)) return null;
  const { _emitter } = highlighter.highlight(code, { language, ignoreIllegals: true });
  return _emitter instanceof PieceEmitter ? _emitter.pieces : null;
}

function make(): HLJSApi {
  const made = core.newInstance();
  for (const [name, grammar] of Object.entries(languages)) made.registerLanguage(name, grammar);
  made.configure({ __emitter: PieceEmitter });
  return made;
}

/** What highlight.js tells its emitter, kept as a flat list: the innermost scope that has a colour counts. */
class PieceEmitter implements Emitter {
  readonly pieces: CodePiece[] = [];
  readonly #scopes: (CodeMark | null)[] = [];

  addText(text: string): void {
    if (text !== '') this.pieces.push({ text, mark: this.#scopes.findLast((mark) => mark !== null) ?? null });
  }
  startScope(name: string): void {
    this.#scopes.push(markOf(name));
  }
  endScope(): void {
    this.#scopes.pop();
  }
  openNode(name: string): void {
    this.startScope(name);
  }
  closeNode(): void {
    this.endScope();
  }
  __addSublanguage(emitter: Emitter): void {
    if (emitter instanceof PieceEmitter) this.pieces.push(...emitter.pieces);
  }
  finalize(): void {
    this.#scopes.length = 0;
  }
  toHTML(): string {
    return '';
  }
}

const marks: Readonly<Record<string, CodeMark>> = {
  keyword: 'keyword',
  literal: 'keyword',
  'selector-tag': 'keyword',
  tag: 'keyword',
  operator: 'keyword',
  string: 'string',
  regexp: 'string',
  symbol: 'string',
  char: 'string',
  number: 'number',
  bullet: 'number',
  comment: 'comment',
  quote: 'comment',
  meta: 'comment',
  doctag: 'comment',
  title: 'name',
  name: 'name',
  attr: 'name',
  attribute: 'name',
  property: 'name',
  section: 'name',
  type: 'name',
  built_in: 'name',
  'selector-class': 'name',
  'selector-id': 'name',
  variable: 'number',
  'template-variable': 'number',
  addition: 'inserted',
  deletion: 'deleted'
};

/** 'title.function' and 'keyword' alike. */
const markOf = (scope: string): CodeMark | null => marks[scope.split('.', 1)[0]!] ?? null;
