// Erasure on a real disk: a canary is looked for in every byte of the data folder and in every value of the database.

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { expect, onTestFinished, test, vi } from 'vitest';
import * as Y from 'yjs';
import type { Attachment } from '#protocol/attachment.ts';
import type { Entry } from '#protocol/entry.ts';
import { newEntryId, newRoomId, newUserId, type RoomId, type UserId } from '#protocol/ids.ts';
import { PAGE_MAX_ENTRIES } from '#protocol/limits.ts';
import { openCore, type Core } from '../../sync-server/core.ts';
import { DocClient } from '../../sync-server/rooms/testing/doc-client.ts';
import { Store } from '../../sync-server/store/store.ts';

// Random, so that a block that LevelDB compresses still holds its first occurrence as it is.
const canary = (): string => `canary-${randomBytes(24).toString('base64url')}`;

class Host {
  readonly dataDir: string;
  core!: Core;
  /** How far its clock is ahead of the machine's. */
  aheadMs = 0;

  constructor(dataDir: string) {
    this.dataDir = dataDir;
  }

  async open(): Promise<void> {
    this.core = await openCore({
      store: await Store.open({ dataDir: this.dataDir }),
      dataDir: this.dataDir,
      now: () => Date.now() + this.aheadMs,
      report: (error) => {
        throw error;
      },
      onNewGeneration: () => undefined
    });
  }

  /** In which files, and under which keys, the text lies. */
  async whereIs(text: string): Promise<string[]> {
    const found: string[] = [];
    for (const file of await readdir(this.dataDir, { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue;
      const bytes = await readFile(path.join(file.parentPath, file.name)).catch((error: NodeJS.ErrnoException) => {
        // Erased since the folder was read.
        if (error.code === 'ENOENT') return null;
        throw error;
      });
      if (bytes?.includes(text)) found.push(`file ${file.name}`);
    }
    for await (const [key, value] of this.core.store.kv.range({})) {
      if (Buffer.from(value).includes(text) || key.includes(text)) found.push(`key ${key}`);
    }
    return found;
  }
}

async function setup(): Promise<Host> {
  const host = new Host(await mkdtemp(path.join(tmpdir(), 'roost-erasure-')));
  await host.open();
  onTestFinished(async () => {
    await host.core.close();
    await rm(host.dataDir, { recursive: true });
  });
  return host;
}

const entry = (author: UserId, content: { type: string; [key: string]: unknown }): Entry => ({
  id: newEntryId(Date.now()),
  author,
  sentAt: Date.now(),
  ...content
});

async function fill(host: Host, room: RoomId, author: UserId, page: number): Promise<void> {
  const client = new DocClient(author, { room, page });
  await client.connect(host.core.rooms);
  await client.until(() => client.frames.length > 0);
  client.append(
    ...Array.from({ length: PAGE_MAX_ENTRIES }, (_, at) => entry(author, { type: 'message', body: `${at}` }))
  );
  await client.until(() => client.view.sealedTo !== null);
  client.disconnect();
}

test('[ERASE-10] after redaction and compaction no byte of the message is in the data folder, before it is', async () => {
  const host = await setup();
  const [ann, bo] = [newUserId(), newUserId()];
  const room = newRoomId();
  const { rooms } = host.core;
  await rooms.append(entry(ann, { type: 'room', action: 'created', kind: 'public', name: 'Kitchen' }), room);
  await rooms.append(entry(bo, { type: 'membership', action: 'joined' }), room);
  const texts = { sealed: canary(), head: canary(), gone: canary() };
  const [onSealed, onHead] = [texts.sealed, texts.head].map((body) => entry(bo, { type: 'message', body }));
  await rooms.append(onSealed!, room);
  await fill(host, room, ann, 0);
  await rooms.append(onHead!, room);
  await rooms.append(entry(bo, { type: 'message', body: texts.gone }), room);
  // Into tables, as weeks of use would: the bytes to erase lie deep.
  await host.core.store.kv.compactRange('a', 'zz');
  const reader = new DocClient(ann, { room, page: 1 });
  await reader.connect(rooms, { stock: true });
  await reader.until(() => reader.frames.length > 0);
  const inFiles: boolean[] = [];
  for (const text of Object.values(texts)) {
    const places = await host.whereIs(text);
    inFiles.push(places.some((place) => place.startsWith('file')));
    expect(
      places.some((place) => place.startsWith('key')),
      text
    ).toBe(true);
  }
  // A table is packed: where four letters of a text stand before it in the same block, it is in two pieces there.
  expect(inFiles).toContain(true);

  for (const target of [onSealed!, onHead!]) {
    expect(await rooms.append(entry(ann, { type: 'redaction', target: target.id, of: bo }), room)).toBeNull();
  }
  await reader.until(() => !Buffer.from(Y.encodeStateAsUpdate(reader.doc)).includes(texts.head));
  await rooms.erasuresSettled();
  expect([await host.whereIs(texts.sealed), await host.whereIs(texts.head)]).toEqual([[], []]);
  expect(await host.whereIs(texts.gone)).not.toEqual([]);

  // The account goes, and the process with it before the disk is clean.
  await rooms.eraseMessagesOf(bo);
  await host.core.close();
  await host.open();
  await host.core.rooms.erasuresSettled();
  expect(await host.whereIs(texts.gone)).toEqual([]);
  const left = await host.core.rooms.headEntries(room);
  expect(left.some(({ entry: { type, author } }) => type === 'message' && author === bo)).toBe(false);
});

test('[ERASE-10] of a deleted account no profile, session, report, draft or list of theirs is left in the data folder', async () => {
  const host = await setup();
  const { accounts, sessions, devices, reports, blocked, personal, acts, rooms } = host.core;
  const word = (): string => randomBytes(15).toString('hex');
  const texts = {
    name: word(),
    displayName: word(),
    status: word(),
    label: word(),
    device: word(),
    reason: word(),
    draft: word()
  };
  const [ann, bo] = [newUserId(), newUserId()];
  const made = await accounts.create({ name: texts.name, password: 'correct horse battery', admin: false });
  if (made === 'not-first' || !made.ok) throw new Error('no account');
  const { account: gone } = made;
  await accounts.setProfile(gone.id, { displayName: texts.displayName, status: texts.status });
  const { session } = await sessions.start(gone, 'cookie', texts.label);
  const publicKey = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x!;
  expect(await devices.register(session, texts.device, publicKey)).toMatchObject({ ok: true });
  const room = newRoomId();
  await rooms.append(entry(ann, { type: 'room', action: 'created', kind: 'public', name: 'Kitchen' }), room);
  await reports.add(room, gone.id, bo, { entry: 'entry-001', reason: texts.reason });
  await blocked.set(gone.id, [bo]);
  const own = await personal.attach(gone.id, { send: () => undefined, close: () => undefined });
  const doc = new Y.Doc();
  doc.getMap('drafts').set(room, { text: texts.draft, at: 1 });
  if (own.ok) own.attachment.receive(Y.encodeStateAsUpdate(doc));
  await expect.poll(() => host.whereIs(texts.draft)).not.toEqual([]);
  await host.core.store.kv.compactRange('a', 'zz');
  for (const [what, text] of Object.entries(texts)) expect(await host.whereIs(text), what).not.toEqual([]);
  expect(await host.whereIs(bo)).not.toEqual([]);
  await acts.delete(gone.id, false);
  await rooms.erasuresSettled();
  for (const [what, text] of Object.entries({ ...texts, bo })) expect(await host.whereIs(text), what).toEqual([]);
});

test('[ERASE-10] of a deleted room no name, topic, message or report is left in the data folder', async () => {
  const host = await setup();
  const ann = newUserId();
  const room = newRoomId();
  const { rooms } = host.core;
  const texts = [canary(), canary(), canary(), canary()];
  const [name, topic, body, reason] = texts;
  await rooms.append(entry(ann, { type: 'room', action: 'created', kind: 'private', name }), room);
  await rooms.append(entry(ann, { type: 'room', action: 'topic', topic }), room);
  await rooms.append(entry(ann, { type: 'message', body }), room);
  await host.core.reports.add(room, newUserId(), ann, { entry: 'entry-001', reason: reason! });
  await fill(host, room, ann, 0);
  await host.core.store.kv.compactRange('a', 'zz');
  for (const text of texts) expect(await host.whereIs(text)).not.toEqual([]);
  expect(await rooms.append(entry(ann, { type: 'room', action: 'deleted' }), room)).toBeNull();
  await rooms.erasuresSettled();
  for (const text of texts) expect(await host.whereIs(text)).toEqual([]);
});

test.each(['redaction', 'account', 'room', 'time'] as const)(
  '[ERASE-18] what polls, previews, threads, edits, mentions, forwarded and scheduled messages say is in the data folder, then not: by %s',
  async (end) => {
    const host = await setup();
    const ann = newUserId();
    const made = await host.core.accounts.create({ name: 'Bo', password: 'correct horse battery', admin: false });
    if (made === 'not-first' || !made.ok) throw new Error('no account');
    const bo = made.account.id;
    const room = newRoomId();
    const add = async (author: UserId, content: { type: string; [key: string]: unknown }): Promise<Entry> => {
      const one = entry(author, content);
      expect(await host.core.rooms.append(one, room)).toBeNull();
      return one;
    };
    await add(ann, { type: 'room', action: 'created', kind: 'public', name: 'Kitchen' });
    await add(bo, { type: 'membership', action: 'joined' });
    if (end === 'time') await add(ann, { type: 'room', action: 'disappearing', after: 3_600 });
    const url = 'https://tide.example/';
    const texts = {
      ...{ edited: canary(), edit: canary(), poll: canary(), option: canary(), reply: canary(), editOfReply: canary() },
      ...{ preview: canary(), forwarded: canary(), source: newUserId(), mentioned: newUserId(), later: canary() }
    };
    const said = (body: string, more: object = {}): Promise<Entry> => add(bo, { type: 'message', body, ...more });
    const root = await add(ann, { type: 'message', body: 'a root' });
    const [edited, poll] = [
      await said(`${texts.edited} ${url}`, { preview: { url, title: texts.preview } }),
      await said(texts.poll, { poll: { options: [texts.option, 'no'] } })
    ];
    const forwarded = await said(texts.forwarded, { forwarded: { author: texts.source }, mentions: [texts.mentioned] });
    // The rest comes on the next page, and goes on late lists.
    if (end === 'redaction' || end === 'time') await fill(host, room, ann, 0);
    await add(bo, { type: 'edit', target: edited.id, body: texts.edit });
    await add(ann, { type: 'vote', target: poll.id, options: [0] });
    await add(ann, { type: 'pin', target: poll.id, on: true });
    const reply = await said(texts.reply, { thread: root.id });
    await add(bo, { type: 'edit', target: reply.id, body: texts.editOfReply });
    const later = { ...entry(bo, { type: 'message', body: texts.later }), sentAt: Date.now() + 86_400_000 };
    const session = { id: 'a bot', user: { id: bo }, kind: 'token' } as const;
    expect(await host.core.scheduled.put(session, room, later)).toEqual({ outcome: 'kept' });
    await host.core.store.kv.compactRange('a', 'zz');
    for (const [what, text] of Object.entries(texts)) expect(await host.whereIs(text), what).not.toEqual([]);

    if (end === 'redaction') {
      for (const { id } of [edited, poll, forwarded]) await add(ann, { type: 'redaction', target: id, of: bo });
      await add(ann, { type: 'redaction', target: reply.id, of: bo, thread: root.id });
      await host.core.scheduled.remove(bo, room, later.id);
    }
    if (end === 'account') await host.core.acts.delete(bo, true);
    if (end === 'room') await add(ann, { type: 'room', action: 'deleted' });
    if (end === 'time') {
      await host.core.scheduled.remove(bo, room, later.id);
      await host.core.close();
      host.aheadMs = 3_660_000;
      await host.open();
      await expect.poll(async () => (await host.core.rooms.summary(ann, room))?.last?.type).toBe('disappeared');
    }
    await host.core.rooms.erasuresSettled();
    await host.core.scheduled.settled();
    for (const [what, text] of Object.entries(texts)) expect(await host.whereIs(text), what).toEqual([]);
  }
);

test('[ERASE-28] a file goes with its message from the real disk: at its time, and where a process died on the way', async () => {
  const host = await setup();
  const ann = newUserId();
  const room = newRoomId();
  const made = await host.core.accounts.create({ name: 'Ann', admin: true, password: null, id: ann });
  expect(made).toMatchObject({ ok: true });
  const bring = async (text: string): Promise<Attachment> => {
    const bytes = Buffer.from(text);
    const hash = createHash('sha256').update(bytes).digest('base64url');
    const { uploads } = host.core;
    const created = await uploads.create(ann, hash, bytes.length);
    if (!created?.ok) throw new Error('no upload');
    await uploads.append(ann, created.state.id, 0, Readable.from([bytes]), null);
    return { hash, name: 'Canary.txt', type: 'text/plain', size: bytes.length };
  };
  const { rooms } = host.core;
  await rooms.append(entry(ann, { type: 'room', action: 'created', kind: 'public', name: 'Kitchen' }), room);
  const texts = { fleeting: canary(), redacted: canary(), left: canary() };
  const redacted = entry(ann, { type: 'message', body: '', attachments: [await bring(texts.redacted)] });
  await rooms.append(redacted, room);
  await rooms.append(entry(ann, { type: 'message', body: '', attachments: [await bring(texts.left)] }), room);
  await rooms.append(entry(ann, { type: 'room', action: 'disappearing', after: 60 }), room);
  await rooms.append(entry(ann, { type: 'message', body: '', attachments: [await bring(texts.fleeting)] }), room);
  for (const text of [texts.fleeting, texts.redacted]) expect(await host.whereIs(text)).toHaveLength(1);

  // Nobody looks at what was dropped: as if the process had died between the commit and that.
  await host.core.blobs.close();
  await rooms.append(entry(ann, { type: 'redaction', target: redacted.id, of: ann }), room);
  await host.core.close();
  host.aheadMs = 120_000;
  await host.open();
  await host.core.blobs.collect();
  expect(await host.whereIs(texts.redacted)).toEqual([]);
  await vi.waitFor(
    async () => {
      await host.core.rooms.erasuresSettled();
      expect(await host.whereIs(texts.fleeting)).toEqual([]);
    },
    { timeout: 20_000 }
  );
  expect(await host.whereIs(texts.left)).toHaveLength(1);
});
