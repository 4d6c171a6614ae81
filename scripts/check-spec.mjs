// Every rule of SPEC.md (`**[GATE-3]**`) is quoted by the name of at least one test, and every rule a test
// quotes exists. An id counts only inside the name of a test or a group of tests, not in a comment. And every file and
// folder that the documents of today name is there (those of docs/decisions speak of their own day).
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ruleIn = /\*\*\[([A-Z][A-Z0-9]*-\d+)\]\*\*/g;
const idIn = /\[([A-Z][A-Z0-9]*-\d+)\]/g;
/** `it('[GATE-3] …'`, also `test.each(…)('…'`, `describe.for([…])('…'`: the string right after an opening bracket. */
const nameIn = /\(\s*(?:'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/g;

const patterns = [
  'src/**/*.test.ts',
  'sync-server/**/*.test.ts',
  'tests/**/*.test.ts',
  'tests/**/*.spec.ts',
  'tests/**/*-contract.ts',
  'sync-server/**/*-contract.ts'
];

if (!existsSync('SPEC.md')) {
  console.error('SPEC.md is missing');
  process.exit(1);
}
const rules = [...readFileSync('SPEC.md', 'utf8').matchAll(ruleIn)].map(([, id]) => id);
const problems = [];
if (rules.length === 0) problems.push('SPEC.md has no rule: a rule starts with its id, like **[GATE-3]**');
for (const id of new Set(rules)) {
  if (rules.indexOf(id) !== rules.lastIndexOf(id)) problems.push(`[${id}] is the id of two rules`);
}

const quotedBy = new Map();
for (const file of globSync(patterns)) {
  for (const [, ...names] of readFileSync(file, 'utf8').matchAll(nameIn)) {
    for (const [, id] of (names.find((name) => name !== undefined) ?? '').matchAll(idIn)) quotedBy.set(id, file);
  }
}
problems.push(...['*.md', 'docs/*.md'].flatMap((pattern) => globSync(pattern)).flatMap(absentIn));
for (const id of rules) if (!quotedBy.has(id)) problems.push(`[${id}] is quoted by no test`);
for (const [id, file] of quotedBy) if (!rules.includes(id)) problems.push(`[${id}] in ${file} is no rule of SPEC.md`);

if (problems.length > 0) {
  console.error([...new Set(problems)].join('\n'));
  process.exit(1);
}
console.log(`${rules.length} rules, each quoted by a test`);

/** Links, paths from the root, and files named alone or by the end of their path. @param {string} document */
function absentIn(document) {
  const text = readFileSync(document, 'utf8');
  const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, to]) => path.join(path.dirname(document), to));
  const fromRoot = [...text.matchAll(/(?<![\w/.])(?:src|sync-server|tests|scripts|docs)\/[\w./-]*\w/g)].map(
    ([to]) => to
  );
  const named = [...text.matchAll(/`([\w./-]+\.(?:ts|svelte|mjs|md|css))`/g)].map(([, name]) => name);
  const there = (place) => existsSync(place) || globSync(`${place}-*`).length > 0;
  return [
    ...[...links, ...fromRoot].filter((place) => !there(place)),
    ...named.filter((name) => !there(name) && globSync(`{src,sync-server,tests,scripts}/**/${name}`).length === 0)
  ].map((name) => `${document} names ${name}, which is not there`);
}
