import { expect, onTestFinished, test } from 'vitest';
import * as Y from 'yjs';
import { newUserId } from '#protocol/ids.ts';
import { SHARES_ALL } from '#protocol/personal.ts';
import { MemoryDisk } from '../store/memory-disk.ts';
import { Store } from '../store/store.ts';
import { HandTimers } from '../testing/hand-timers.ts';
import { PersonalDocuments } from './personal-documents.ts';
import { PrivacyChoices } from './privacy-choices.ts';

async function setup() {
  const disk = new MemoryDisk();
  const store = await Store.inMemory(disk);
  const privacy = await PrivacyChoices.open(store.kv);
  const documents = new PersonalDocuments({
    kv: store.kv,
    timers: new HandTimers(),
    privacy,
    onError: () => undefined
  });
  onTestFinished(async () => {
    await documents.close();
    await store.close();
  });
  const ann = newUserId();
  const doc = new Y.Doc();
  const attached = await documents.attach(ann, { send: () => undefined, close: () => undefined });
  if (!attached.ok) throw new Error('closed');
  const choose = (key: string, value: unknown): void => {
    const before = Y.encodeStateVector(doc);
    doc.getMap('preferences').set(key, value);
    attached.attachment.receive(Y.encodeStateAsUpdate(doc, before));
  };
  return { disk, store, privacy, documents, ann, choose };
}

test('[PRIV-1] what a person keeps back counts once it is on disk, also after a restart, and goes with the account', async () => {
  const { disk, store, privacy, documents, ann, choose } = await setup();
  const told: unknown[] = [];
  privacy.onChanged((user, choice) => told.push([user, choice]));
  expect(privacy.of(ann)).toEqual(SHARES_ALL);
  const writes = disk.batches.length;
  const release = disk.hold();
  choose('readReceipts', false);
  await expect.poll(() => disk.batches.length).toBe(writes + 1);
  expect([privacy.of(ann), told]).toEqual([SHARES_ALL, []]);
  release();
  const choice = { ...SHARES_ALL, readReceipts: false };
  await expect.poll(() => told).toEqual([[ann, choice]]);
  expect((await PrivacyChoices.open(store.kv)).of(ann)).toEqual(choice);
  await documents.erase(ann);
  expect([privacy.of(ann), (await PrivacyChoices.open(store.kv)).of(ann)]).toEqual([SHARES_ALL, SHARES_ALL]);
});

test('[PRIV-1] a failed write changes nothing, and what is shared again leaves no record', async () => {
  const { disk, store, privacy, ann, choose } = await setup();
  choose('lastSeen', false);
  await expect.poll(() => privacy.of(ann).lastSeen).toBe(false);
  choose('lastSeen', true);
  await expect.poll(() => privacy.of(ann)).toEqual(SHARES_ALL);
  const keys: string[] = [];
  for await (const [key] of store.kv.range({ gte: 'privacy/', lt: 'privacy0' })) keys.push(key);
  expect(keys).toEqual([]);
  disk.failNextBatch({ applied: false });
  choose('typing', false);
  await expect.poll(() => store.healthy()).toBe(false);
  await expect.poll(() => store.healthy()).toBe(true);
  await privacy.reload();
  expect(privacy.of(ann)).toEqual(SHARES_ALL);
});
