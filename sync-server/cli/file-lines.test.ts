import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { fileLines } from './file-lines.ts';

async function setupFile(content: Buffer | string, name = 'lines.jsonl') {
  const folder = await mkdtemp(path.join(tmpdir(), 'roost-lines-'));
  const file = path.join(folder, name);
  await writeFile(file, content);
  return { file, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

async function read(file: string): Promise<(string | null)[]> {
  const lines: (string | null)[] = [];
  for await (const { bytes } of fileLines(file)) lines.push(bytes && new TextDecoder().decode(bytes));
  return lines;
}

const text = Array.from({ length: 30_000 }, (_, i) => `line ${i} ${'é'.repeat(i % 50)}`).join('\n');

test('gives every line once, whatever the chunks cut through, with and without a last line end', async () => {
  await using plain = await setupFile(text);
  await using ended = await setupFile(`${text}\n`);
  const lines = text.split('\n');
  expect(await read(plain.file)).toEqual(lines);
  expect(await read(ended.file)).toEqual(lines);
});

test('a gzip file is known by its bytes, not its name', async () => {
  await using named = await setupFile(gzipSync(text), 'lines.jsonl.gz');
  await using unnamed = await setupFile(gzipSync(text));
  expect(await read(named.file)).toHaveLength(30_000);
  expect((await read(unnamed.file)).at(-1)).toBe(text.split('\n').at(-1));
});

test('a line beyond all measure is passed over, and those after it are not lost', async () => {
  await using fixture = await setupFile(`first\n${'x'.repeat(3_000_000)}\nlast`);
  expect(await read(fixture.file)).toEqual(['first', null, 'last']);
});

test('an empty file has no lines', async () => {
  await using fixture = await setupFile('');
  expect(await read(fixture.file)).toEqual([]);
});

test('a gzip file that was cut off fails, and does not pass for whole', async () => {
  await using fixture = await setupFile(gzipSync(text).subarray(0, 5_000));
  await expect(read(fixture.file)).rejects.toThrow();
});
