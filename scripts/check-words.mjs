// No text for people stands in the code of the interface: all of it lies in src/lib/words, to be said in other languages
// one day. Looks at what components draw, at the attributes that are read out, and at whatever in a script reads as words:
// there, what a developer alone reads is left out, as the message of an error that is thrown. And no text lies there that
// no code says: each is called as `m.<name>`.
import { globSync, readFileSync } from 'node:fs';
import { parse } from 'svelte/compiler';

const SPOKEN = ['aria-label', 'aria-description', 'aria-roledescription', 'alt', 'placeholder', 'title', 'label'];
const LETTERS = /\p{Letter}{2}/u;
/** Names and signs that no language changes. */
const SAME_EVERYWHERE = /^(?:(?:Roost|https?:\/\/\S*|Ctrl|Alt|Shift|Esc|Enter|Tab|[A-Z])(?: |$))+$/;
/** Attributes that the browser alone reads. */
const NO_WORDS = ['class', 'rel', 'autocomplete', 'aria-keyshortcuts', 'preserveAspectRatio'];
/** Two words beside each other, or what only people write. */
const SENTENCE =
  /^\s*[^\p{Punctuation}\p{Symbol}]*\p{Letter}{2,} +\p{Letter}|\p{Letter}{2}.*[’“”…]|[’“”…].*\p{Letter}{2}/su;
/** Calls whose texts no person reads: errors that are thrown, what is searched for in the page. */
const FOR_NOBODY = /^(?:console|assert|\w*Error|DOMException|querySelector|querySelectorAll|closest)$/;

let count = 0;
const said = new Set();
for (const file of globSync('src/**/*.{svelte,ts}').sort()) {
  if (/^src\/lib\/(?:words|protocol)\/|\/testing\/|\.test\.ts$/.test(file)) continue;
  const source = readFileSync(file, 'utf8');
  for (const [, name] of source.matchAll(/\bm\.(\w+)/g)) said.add(name);
  const found = file.endsWith('.svelte')
    ? [...textsIn(source), ...sentencesIn(source)]
    : sentencesIn(`<script lang="ts">${source}</script>`);
  for (const where of new Set(found.map(({ line, text }) => `${line} says “${text}”`)))
    console.log(`${file}:${where}: put it into src/lib/words`);
  count += found.length;
}
for (const file of globSync('src/lib/words/*/en.json').sort()) {
  for (const name of Object.keys(JSON.parse(readFileSync(file, 'utf8')))) {
    if (name === '$schema' || said.has(name)) continue;
    console.log(`${file}: no code says “${name}”: delete it`);
    count += 1;
  }
}
process.exitCode = count > 0 ? 1 : 0;

/** What reads as words wherever it stands. @param {string} source of a component @returns {{ line: number, text: string }[]} */
function sentencesIn(source) {
  const found = [];
  const take = (start, text) => {
    const words = text.trim().replaceAll(/\s+/g, ' ');
    if (!SENTENCE.test(words) || SAME_EVERYWHERE.test(words)) return;
    found.push({ line: source.slice(0, start).split('\n').length, text: words });
  };
  const { instance, module, fragment } = parse(source, { modern: true });
  visit([instance?.content, module?.content, fragment], (node) => {
    if (node.type === 'Attribute' && NO_WORDS.includes(node.name)) return false;
    if (node.type === 'Text') take(node.start, node.data);
    if (node.type === 'Literal' && typeof node.value === 'string') take(node.start, node.value);
    if (node.type === 'TemplateElement') take(node.start, node.value.cooked);
    if (node.type !== 'CallExpression' && node.type !== 'NewExpression') return true;
    const { name, object, property } = node.callee;
    return ![name, object?.name, property?.name].some((called) => called && FOR_NOBODY.test(called));
  });
  return found;
}

/** @param {string} source of a component @returns {{ line: number, text: string }[]} */
function textsIn(source) {
  const found = [];
  const take = (start, text) => {
    const words = text.trim().replaceAll(/\s+/g, ' ');
    if (!LETTERS.test(words) || SAME_EVERYWHERE.test(words)) return;
    found.push({ line: source.slice(0, start).split('\n').length, text: words });
  };
  visit(parse(source, { modern: true }).fragment, (node) => {
    if (node.type === 'Text') take(node.start, node.data);
    if (node.type === 'ExpressionTag') literalsIn(node.expression, take);
    if (node.type === 'StyleDirective') return false;
    if (node.type !== 'Attribute' || node.value === true) return true;
    if (!SPOKEN.includes(node.name)) return false;
    for (const part of [node.value].flat()) {
      if (part.type === 'Text') take(part.start, part.data);
      else literalsIn(part.expression, take);
    }
    return false;
  });
  return found;
}

/** Texts in an expression of an attribute that is read out, or of what is drawn. */
function literalsIn(expression, take) {
  visit(expression, (node) => {
    if (node.type === 'Literal' && typeof node.value === 'string') take(node.start, node.value);
    if (node.type === 'TemplateElement') take(node.start, node.value.cooked);
    // What is handed to a call is no text yet.
    return node.type !== 'CallExpression' && node.type !== 'BinaryExpression';
  });
}

/** @param {(node: any) => boolean | void} look false where what is below does not matter */
function visit(node, look) {
  if (!node || typeof node !== 'object') return;
  if (Array.isArray(node)) return node.forEach((child) => visit(child, look));
  if (typeof node.type === 'string' && look(node) === false) return;
  for (const [key, value] of Object.entries(node)) if (key !== 'metadata') visit(value, look);
}
