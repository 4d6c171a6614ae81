// Chat history to test and measure with: the real one beside the checkout when it is there, else a seeded one of
// the same shape. The real one: Ubuntu IRC logs 2004–2018 from the annotated corpus of Kummerfeld et al.
// (ACL 2019), CC BY 4.0; 196,573 messages by 15,751 people with 50,632 reply links.

import { createWriteStream, existsSync } from 'node:fs';
import { once } from 'node:events';
import path from 'node:path';
import { createGzip } from 'node:zlib';
import { seededRandom } from './seeded-random.ts';

const CORPUS_MESSAGES = 196_573;
const CORPUS_AUTHORS = 15_751;
const REPLY_SHARE = 50_632 / CORPUS_MESSAGES;
const ACTION_SHARE = 0.02;

export interface Corpus {
  /** A file of gzipped JSON lines, as `roost import` takes them. */
  readonly file: string;
  readonly messages: number;
  /** For the log of the run. */
  readonly description: string;
}

/** @param scratchDir where the seeded corpus is written if the real one is absent */
export async function openCorpus(scratchDir: string): Promise<Corpus> {
  const real =
    process.env['ROOST_CORPUS'] ?? path.resolve(import.meta.dirname, '../../shared/data/ubuntu-irc.jsonl.gz');
  if (existsSync(real))
    return { file: real, messages: CORPUS_MESSAGES, description: `real chat history (${path.basename(real)})` };
  const file = path.join(scratchDir, 'seeded-corpus.jsonl.gz');
  await writeSeededCorpus(file, CORPUS_MESSAGES, 1);
  return { file, messages: CORPUS_MESSAGES, description: 'seeded chat history, seed 1 (the real one is not here)' };
}

/** Writes `messages` lines with the same spread of authors, lengths, replies and actions as the real history. */
export async function writeSeededCorpus(file: string, messages: number, seed: number): Promise<void> {
  const random = seededRandom(seed);
  const words = Array.from({ length: 4_000 }, () => word(random));
  const gzip = createGzip();
  const sink = gzip.pipe(createWriteStream(file));
  let at = Date.UTC(2004, 11, 25, 9, 14);
  for (let index = 0; index < messages; index++) {
    at += Math.floor(random() ** 4 * 120_000);
    // Few people write most of it.
    const author = `nick${Math.floor(random() ** 3 * CORPUS_AUTHORS)}`;
    const length = 1 + Math.floor(-9 * Math.log(1 - random()));
    const body = Array.from({ length }, () => words[Math.floor(random() ** 2 * words.length)]).join(' ');
    const line: Record<string, unknown> = {
      id: `seeded-${seed}-${index}`,
      at: new Date(at).toISOString(),
      author,
      body
    };
    if (random() < ACTION_SHARE) line['action'] = true;
    if (index > 50 && random() < REPLY_SHARE)
      line['replyTo'] = `seeded-${seed}-${index - 1 - Math.floor(random() * 50)}`;
    if (!gzip.write(`${JSON.stringify(line)}\n`)) await once(gzip, 'drain');
  }
  gzip.end();
  await once(sink, 'finish');
}

function word(random: () => number): string {
  const length = 1 + Math.floor(random() * 9);
  return Array.from({ length }, () => String.fromCharCode(97 + Math.floor(random() * 26))).join('');
}
