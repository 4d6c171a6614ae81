// A server with one long room of imported history, and the lines that are in it.

import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { openCorpus } from '../corpus.ts';
import { Community, type Inhabitant } from '../process/community.ts';
import { RoostProcess } from '../process/roost-process.ts';

export interface Line {
  readonly id: string;
  readonly author: string;
  readonly body: string;
  readonly replyTo?: string;
}

export interface Past {
  readonly roost: RoostProcess;
  readonly community: Community;
  /** Owns the room. */
  readonly owner: Inhabitant;
  readonly room: string;
  /** In the order they were written. */
  readonly lines: readonly Line[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a server and imports the first `messages` lines of the corpus into a public room. */
export async function openPast(roomName: string, messages: number): Promise<Past> {
  const folder = await mkdtemp(path.join(tmpdir(), 'roost-past-'));
  const corpus = await openCorpus(folder);
  const text = await firstLines(corpus.file, messages);
  const slice = path.join(folder, 'slice.jsonl');
  await writeFile(slice, `${text.join('\n')}\n`);

  const roost = await RoostProcess.start();
  const community = new Community(roost);
  const owner = await community.person('Ann');
  const room = await community.room(owner, roomName, 'public');
  const outcome = await community.importFile(slice, roomName);
  console.log(`${corpus.description}: ${outcome}`);
  return {
    roost,
    community,
    owner,
    room,
    lines: text.map((line) => JSON.parse(line) as Line),
    async [Symbol.asyncDispose]() {
      community[Symbol.dispose]();
      await roost.dispose();
      await rm(folder, { recursive: true, force: true });
    }
  };
}

async function firstLines(file: string, count: number): Promise<string[]> {
  const source = createReadStream(file);
  const lines: string[] = [];
  for await (const line of createInterface({ input: source.pipe(createGunzip()) })) {
    lines.push(line);
    if (lines.length === count) break;
  }
  source.destroy();
  return lines;
}
