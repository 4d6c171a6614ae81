// `npm run bench`: prints a table and writes test-results/bench.json; `npm run bench -- pictures` measures that part alone.
// Figures of one run are comparable with each other, not with those of another machine or day: peers run beside Roost
// for that reason.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { openCorpus } from '../corpus.ts';
import { makeAccount } from '../process/account.ts';
import { RoostProcess } from '../process/roost-process.ts';
import { measureBrowser } from './browser.ts';
import { measureFanOut } from './fan-out.ts';
import { table, type Figure } from './figure.ts';
import { measureLargeFile } from './large-file.ts';
import { measurePictures } from './pictures.ts';
import { measureSends } from './sends.ts';

const RECEIVERS = 200;
const FAN_OUT_PER_SECOND = 500;
/** Below the limit of a page, so that nobody has to follow a seal. */
const FAN_OUT_MESSAGES = 900;

const scratch = mkdtempSync(path.join(tmpdir(), 'roost-bench-'));
const figures: Figure[] = [];
const add = (found: readonly Figure[]): void => {
  figures.push(...found);
  console.log(table(found));
};

/** By the name that one is asked for by. */
const parts: Record<string, () => Promise<void>> = {
  sizes: async () => add(bundleSizes()),
  sends: async () => {
    await using roost = await RoostProcess.start();
    const account = await makeAccount(roost);
    add(await measureSends(roost, account, 1, 300));
    add(await measureSends(roost, account, 64, 3_000));
  },
  'fan-out': async () => {
    // All receivers are one person's.
    await using roost = await RoostProcess.start({ env: { ROOST_CONNECTIONS_PER_PERSON: '512' } });
    const account = await makeAccount(roost);
    add(
      await measureFanOut(
        { name: 'Roost', url: roost.url, pid: roost.pid, account },
        RECEIVERS,
        FAN_OUT_PER_SECOND,
        FAN_OUT_MESSAGES
      )
    );
    await using relay = await RoostProcess.start({ main: 'tests/bench/plain-relay.ts' });
    const url = relay.url.replace('localhost', '127.0.0.1');
    add(
      await measureFanOut(
        { name: 'plain relay', url, pid: relay.pid, account },
        RECEIVERS,
        FAN_OUT_PER_SECOND,
        FAN_OUT_MESSAGES
      )
    );
  },
  browser: async () => {
    const corpus = await openCorpus(scratch);
    console.log(`Corpus: ${corpus.description}\n`);
    await using roost = await RoostProcess.start();
    add(await measureBrowser(roost, await makeAccount(roost), corpus));
  },
  pictures: async () => {
    await using roost = await RoostProcess.start();
    await makeAccount(roost, 'ann');
    for await (const figure of measurePictures(roost, 'ann')) add([figure]);
  },
  'large-file': async () => {
    await using roost = await RoostProcess.start();
    await makeAccount(roost, 'ann');
    add(await measureLargeFile(roost, 'ann', scratch));
  }
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(parts, name));
if (unknown.length > 0) {
  console.error(`The bench has no ${unknown.join(', ')}; it has ${Object.keys(parts).join(', ')}.`);
  process.exit(2);
}

try {
  for (const [name, measure] of Object.entries(parts))
    if (wanted.length === 0 || wanted.includes(name)) await measure();
  mkdirSync('test-results', { recursive: true });
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`;
  writeFileSync('test-results/bench.json', JSON.stringify({ at: new Date().toISOString(), machine, figures }, null, 2));
  console.log('\nWritten to test-results/bench.json');
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function bundleSizes(): Figure[] {
  const file = path.join(scratch, 'bundle.json');
  execFileSync(process.execPath, ['scripts/check-bundle.mjs', '--json', file], { stdio: 'ignore' });
  const sizes = JSON.parse(readFileSync(file, 'utf8')) as { name: string; bytes: number; budgetBytes: number }[];
  return sizes.map(({ name, bytes, budgetBytes }) => ({
    name: `${name}, gzipped`,
    value: bytes / 1_000,
    unit: 'kB',
    budget: budgetBytes / 1_000
  }));
}
