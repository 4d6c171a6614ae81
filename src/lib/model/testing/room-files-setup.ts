// The files of a room over a disk that outlives them, as tests of composers need them.

import 'fake-indexeddb/auto';
import { onTestFinished } from 'vitest';
import type { Entry } from '#protocol/entry.ts';
import type { Prepared } from '../../files/prepare-file.ts';
import { BlobDb } from '../../storage/blob-db.ts';
import { blobHash } from '../../storage/blob-hash.ts';
import { ComposedFiles } from '../../sync/composed-files.ts';
import { FileAddresses } from '../file-addresses.ts';
import { FilesOfRoom, type FilesOfRoomOptions, type FilesClient } from '../room-files.svelte.ts';
import type { Recorded } from '../room-files.ts';
import { Turns } from '../turns.ts';

export const ROOM = 'r'.repeat(22);
let databases = 0;

export async function prepare(file: File, recorded: Recorded | null = null): Promise<Prepared> {
  if (file.size === 0) return { kind: 'empty' };
  const hash = await blobHash(file, null);
  const voice = recorded && { voice: true as const, duration: recorded.duration, waveform: [...recorded.waveform] };
  const attachment = { hash, name: file.name, type: 'text/plain', size: file.size, ...voice };
  return { kind: 'ready', attachment, blobs: [{ hash, bytes: file }], unread: false };
}

export function roomFilesSetup(
  name = `room-files-${(databases += 1)}`,
  prepareFile: FilesOfRoomOptions['prepare'] = prepare,
  types: readonly string[] | null = null
) {
  /** Whether the browser asks before the page goes. */
  const asking = new Set<symbol>();
  const db = new BlobDb(name, () => 1);
  onTestFinished(() => db.close());
  const unsent: Entry[] = [];
  const tabs: ComposedFiles[] = [];
  const clients: FilesClient[] = [];
  const heard = new Set<(room: string) => void>();
  /** Of what was asked for at the server, in order; what is on its way stays there until the gate opens. */
  const asked: string[] = [];
  const gate = Promise.withResolvers<void>();
  const state = {
    of: 'kept',
    scheduled: new Set<string>(),
    changed: () => heard.forEach((listener) => listener(ROOM))
  };
  const outbox = {
    get: (_room: string, id: string) =>
      unsent.flatMap((entry) => (entry.id === id ? [{ entry, state: state.of }] : []))[0],
    reload: () => Promise.resolve(),
    listen: (listener: (room: string) => void) => heard.add(listener),
    listenBeforeGone: () => () => undefined
  } as unknown as ConstructorParameters<typeof ComposedFiles>[0]['outbox'];
  /** A tab of the person: what one does the others hear of. */
  const open = async () => {
    const composedFiles: ComposedFiles = new ComposedFiles({
      ...{ db, outbox, tab: `tab-${tabs.length}`, isScheduled: async (_room, entry) => state.scheduled.has(entry) },
      alive: () => Promise.resolve(new Set()),
      announce: (news) => tabs.filter((other) => other !== composedFiles).forEach((other) => other.heard(news))
    });
    tabs.push(composedFiles);
    await composedFiles.load();
    const client = {
      composedFiles,
      files: {
        kept: (_room: string, _entry: string, hash: string) => db.get(hash),
        fetch: async (_room: string, _entry: string, { hash }: { hash: string }) => {
          asked.push(hash);
          await gate.promise;
          return { kind: 'offline' };
        }
      },
      wantedFiles: { listen: () => () => undefined, has: () => false },
      uploads: { listen: () => () => undefined, progress: () => null },
      outbox,
      hold: <Value>(writing: Promise<Value>) => writing
    } as unknown as FilesClient;
    clients.push(client);
    const maxBytes = 20;
    const files = new FilesOfRoom({
      ...{ room: ROOM, of: ROOM, now: Date.now, prepare: prepareFile },
      ...{ addresses: new FileAddresses(), turns: new Turns(1) },
      allowance: async () => ({ ok: true, value: { maxBytes, used: 0, quota: 1, types } }),
      measureRoom: () => Promise.resolve(null),
      askBeforeLeaving: () => {
        const one = Symbol('asks');
        asking.add(one);
        return () => void asking.delete(one);
      }
    });
    files.attach(client);
    return files;
  };
  return { db, name, unsent, state, open, asking, clients, asked, openGate: gate.resolve };
}

export const file = (words: string, name = `${words}.txt`) => new File([words], name);
export const names = (files: FilesOfRoom) => files.composed.map(({ name }) => name);
