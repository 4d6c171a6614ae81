import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import leveldown from 'leveldown';
import { describe, expect, onTestFinished, test } from 'vitest';
import { codeOf, describeKeyValue } from './key-value-contract.ts';
import type { KeyValuePlace } from './key-value-contract.ts';
import { levelError } from './level-error.ts';
import { LevelKeyValue } from './level-key-value.ts';

async function makeFolder(): Promise<KeyValuePlace & { folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'roost-level-'));
  return {
    folder,
    open: () => LevelKeyValue.open(folder),
    async corrupt(key) {
      // Through LevelDB itself, so that its own checksums are right and only ours is not.
      const db = leveldown(folder);
      await promised((done) => db.open(done));
      const value = await promised<Buffer>((done) => db.get(key, (error, found) => done(error, found as Buffer)));
      value[value.length - 1]! ^= 1;
      await promised((done) => db.put(key, value, done));
      await promised((done) => db.close(done));
    },
    async holds(bytes) {
      for (const file of await readdir(folder)) {
        if ((await readFile(join(folder, file))).includes(Buffer.from(bytes))) return true;
      }
      return false;
    },
    dispose: () => rm(folder, { recursive: true, force: true })
  };
}

function promised<T = void>(call: (done: (error?: Error | null, value?: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => call((error, value) => (error ? reject(error) : resolve(value as T))));
}

describeKeyValue('LevelDB', makeFolder);

async function setup() {
  const place = await makeFolder();
  onTestFinished(() => place.dispose());
  return { place, folder: place.folder };
}

describe('a LevelDB folder', () => {
  test('that is a file is an error with the path in it', async () => {
    const { folder } = await setup();
    const file = join(folder, 'file');
    await writeFile(file, 'no folder');
    await expect(LevelKeyValue.open(file)).rejects.toThrow(file);
    expect(await codeOf(LevelKeyValue.open(file))).toBe('io');
  });

  test('with a value written by somebody else, without a checksum, gives no bytes of it', async () => {
    const { folder, place } = await setup();
    const db = leveldown(folder);
    await promised((done) => db.open(done));
    await promised((done) => db.batch([{ type: 'put', key: 'a', value: Buffer.from('x') }], done));
    await promised((done) => db.batch([{ type: 'put', key: 'b', value: Buffer.from('long enough') }], done));
    await promised((done) => db.close(done));
    const kv = await place.open();
    onTestFinished(() => kv.close());
    expect(await codeOf(kv.get('a'))).toBe('corrupt');
    expect(await codeOf(kv.get('b'))).toBe('corrupt');
  });

  test('keeps its bytes erased over closing and opening again', async () => {
    const { place } = await setup();
    const canary = new TextEncoder().encode('Zd3L-reopened-7u0E');
    const first = await place.open();
    await first.batch([{ type: 'put', key: 'a', value: canary }], { sync: true });
    await first.close();
    const second = await place.open();
    await second.batch([{ type: 'del', key: 'a' }], { sync: true });
    await second.close();
    const third = await place.open();
    onTestFinished(() => third.close());
    expect(await place.holds(canary)).toBe(true);
    await third.compactRange('a', 'a');
    expect(await place.holds(canary)).toBe(false);
  });
});

describe('the words of LevelDB', () => {
  test.each([
    ['IO error: /d/000003.log: No space left on device', 'full'],
    ['IO error: /d/000003.log: File too large', 'full'],
    ['IO error: /d/000003.log: Disk quota exceeded', 'full'],
    ['IO error: lock /d/LOCK: Resource temporarily unavailable', 'locked'],
    ['IO error: lock /d/LOCK: already held by process', 'locked'],
    ['IO error: /d/LOCK: Permission denied', 'read-only'],
    ['IO error: /d/LOCK: Read-only file system', 'read-only'],
    ['Corruption: bad block contents', 'corrupt'],
    ['Database is not open', 'closed'],
    ['IO error: /d/000005.ldb: Input/output error', 'io']
  ])('%s is %s', (message, code) => {
    const cause = new Error(message);
    expect(levelError(cause)).toMatchObject({ code, message, cause });
  });
});
