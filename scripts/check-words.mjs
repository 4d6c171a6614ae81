// No text for people stands in a component: all of it lies in src/lib/words, to be said in other languages one day.
// Looks at what components draw and at the attributes that are read out; texts made in scripts it cannot tell from others.
// Files in src/lib/words/not-yet.json are still to be moved: a file that is done must leave that list, none may come in.
import { globSync, readFileSync } from 'node:fs';
import { parse } from 'svelte/compiler';

const SPOKEN = ['aria-label', 'aria-description', 'aria-roledescription', 'alt', 'placeholder', 'title', 'label'];
const LETTERS = /\p{Letter}{2}/u;
/** Names and signs that no language changes. */
const SAME_EVERYWHERE = /^(?:Roost|https?:\/\/\S*|Ctrl|Alt|Shift|Esc|Enter|Tab|[A-Z])$/;

const notYet = new Set(JSON.parse(readFileSync('src/lib/words/not-yet.json', 'utf8')));
const problems = [];

for (const file of globSync('src/**/*.svelte').sort()) {
  const found = textsIn(readFileSync(file, 'utf8'));
  if (notYet.delete(file)) {
    if (found.length === 0) problems.push(`${file} has no texts of its own any more: take it off the list`);
    continue;
  }
  for (const { line, text } of found) problems.push(`${file}:${line} says “${text}”: put it into src/lib/words`);
}
for (const file of notYet) problems.push(`${file} is on the list and does not exist`);

for (const problem of problems) console.log(problem);
process.exitCode = problems.length > 0 ? 1 : 0;

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
  if (node === null || typeof node !== 'object') return;
  if (Array.isArray(node)) return node.forEach((child) => visit(child, look));
  if (typeof node.type === 'string' && look(node) === false) return;
  for (const [key, value] of Object.entries(node)) if (key !== 'metadata') visit(value, look);
}
