import { expect, onTestFinished, test } from 'vitest';
import * as Y from 'yjs';
import { CLOSE } from '#protocol/close-codes.ts';
import { newUserId } from '#protocol/ids.ts';
import { MemoryDisk } from '../store/memory-disk.ts';
import { Store } from '../store/store.ts';
import { readYMessage } from '../sync/y-message.ts';
import { HandTimers } from '../testing/hand-timers.ts';
import type { PersonalAttachment, PersonalReader } from './personal-document.ts';
import { PersonalDocuments } from './personal-documents.ts';
import { personalBaseKey, personalRecordsOf } from './personal-keys.ts';
import { PrivacyChoices } from './privacy-choices.ts';

const ANN = newUserId();

class Device implements PersonalReader {
  readonly doc = new Y.Doc();
  readonly map = this.doc.getMap<string>('drafts');
  closed: number | null = null;
  /** Updates of others, as they came. */
  heard = 0;
  #attachment: PersonalAttachment | null = null;

  async open(documents: PersonalDocuments, user = ANN): Promise<this> {
    const attached = await documents.attach(user, this);
    if (!attached.ok) throw new Error(`closed with ${attached.close}`);
    this.#attachment = attached.attachment;
    this.#attachment.syncStep1(Y.encodeStateVector(this.doc));
    return this;
  }

  send(bytes: Uint8Array): void {
    const message = readYMessage(bytes);
    if (message?.kind === 'update') {
      this.heard += 1;
      Y.applyUpdate(this.doc, message.update);
    }
  }

  close(code: number): void {
    this.closed = code;
  }

  leave(): void {
    this.#attachment!.detach();
  }

  write(key: string, text: string): void {
    const before = Y.encodeStateVector(this.doc);
    this.map.set(key, text);
    this.sendRaw(Y.encodeStateAsUpdate(this.doc, before));
  }

  sendRaw(update: Uint8Array): void {
    this.#attachment!.receive(update);
  }
}

async function setup(disk = new MemoryDisk()) {
  const store = await Store.inMemory(disk);
  const timers = new HandTimers();
  const errors: unknown[] = [];
  const documents = new PersonalDocuments({
    kv: store.kv,
    timers,
    privacy: await PrivacyChoices.open(store.kv),
    onError: (error) => errors.push(error)
  });
  onTestFinished(async () => {
    await documents.close();
    await store.close();
  });
  const records = async (user = ANN): Promise<string[]> => {
    const keys: string[] = [];
    for await (const [key] of store.kv.range(personalRecordsOf(user))) keys.push(key);
    return keys;
  };
  return { disk, store, timers, documents, errors, records };
}

test('[OWN-7] nothing is sent to another device before it is synced; what comes meanwhile is one more write', async () => {
  const { disk, documents } = await setup();
  const [phone, desk] = [await new Device().open(documents), await new Device().open(documents)];
  await expect.poll(() => desk.heard).toBe(1);
  const writes = disk.batches.length;
  const release = disk.hold();
  phone.write('a', 'one');
  await expect.poll(() => disk.batches.length).toBe(writes + 1);
  for (const text of ['two', 'three', 'four']) phone.write('a', text);
  const tablet = await new Device().open(documents);
  expect([desk.map.get('a'), tablet.map.get('a'), tablet.heard]).toEqual([undefined, undefined, 0]);
  release();
  await expect.poll(() => desk.map.get('a')).toBe('four');
  await expect.poll(() => tablet.map.get('a')).toBe('four');
  expect(disk.batches.slice(writes).map(({ sync }) => sync)).toEqual([true, true]);
});

test('[OWN-7] a failed write is sent to nobody, ends every channel with a code to try again, and forgets what was in memory', async () => {
  const { disk, store, documents, errors } = await setup();
  const [phone, desk] = [await new Device().open(documents), await new Device().open(documents)];
  phone.write('a', 'kept');
  await expect.poll(() => desk.map.get('a')).toBe('kept');
  disk.failNextBatch({ applied: false });
  phone.write('a', 'lost');
  await expect.poll(() => [phone.closed, desk.closed]).toEqual([CLOSE.storage, CLOSE.storage]);
  expect([desk.map.get('a'), errors.length, documents.openCount]).toEqual(['kept', 1, 0]);
  await expect.poll(() => store.healthy()).toBe(true);
  const next = await new Device().open(documents);
  await expect.poll(() => next.map.get('a')).toBe('kept');
});

test('[OWN-8] left alone it is compacted to one record and leaves memory; opened again it is as it was', async () => {
  const { documents, timers, records } = await setup();
  const phone = await new Device().open(documents);
  for (let at = 0; at < 5; at++) {
    phone.write('a', `text ${at}`);
    await expect.poll(async () => (await records()).length).toBe(at + 1);
  }
  phone.leave();
  timers.advance(30_000);
  await expect.poll(() => documents.openCount).toBe(0);
  expect(await records()).toEqual([personalBaseKey(ANN)]);
  const again = await new Device().open(documents);
  await expect.poll(() => again.map.get('a')).toBe('text 4');
});

test('[OWN-8] who comes back while it is compacted finds it in memory and loses nothing', async () => {
  const { disk, store, documents, timers } = await setup();
  const phone = await new Device().open(documents);
  phone.write('a', 'one');
  await expect.poll(() => phone.map.get('a')).toBe('one');
  const writes = disk.batches.length;
  phone.leave();
  const release = disk.hold();
  timers.advance(30_000);
  await expect.poll(() => disk.batches.length).toBe(writes + 1);
  const desk = await new Device().open(documents);
  desk.write('b', 'two');
  release();
  await expect.poll(() => desk.map.get('a')).toBe('one');
  expect(documents.openCount).toBe(1);
  await documents.close();
  const kept = new PersonalDocuments({
    kv: store.kv,
    timers,
    privacy: await PrivacyChoices.open(store.kv),
    onError: () => undefined
  });
  const tablet = await new Device().open(kept);
  await expect.poll(() => tablet.map.toJSON()).toEqual({ a: 'one', b: 'two' });
  await kept.close();
});

test('[OWN-8] hundreds of records are made one while it stays open', async () => {
  const { documents, records } = await setup();
  const phone = await new Device().open(documents);
  for (let at = 0; at < 600; at++) phone.write('a', `text ${at}`);
  await expect.poll(async () => (await records()).length).toBeLessThan(500);
  const desk = await new Device().open(documents);
  await expect.poll(() => desk.map.get('a')).toBe('text 599');
});

test('[OWN-5] what is malformed ends the channel that sent it and no other', async () => {
  const { documents } = await setup();
  const [phone, desk] = [await new Device().open(documents), await new Device().open(documents)];
  phone.sendRaw(new Uint8Array([1, 1, 7, 0, 0, 2 ** 7 - 1, 0]));
  expect([phone.closed, desk.closed]).toEqual([CLOSE.malformed, null]);
  desk.write('a', 'goes on');
  const tablet = await new Device().open(documents);
  await expect.poll(() => tablet.map.get('a')).toBe('goes on');
});

test('[OWN-5] a copy that keeps standing on what nobody has is told to start anew', async () => {
  const { documents } = await setup();
  const phone = await new Device().open(documents);
  phone.map.set('a', 'never sent');
  for (let at = 0; at < 20 && phone.closed === null; at++) phone.write('a', `text ${at}`);
  expect(phone.closed).toBe(CLOSE.discardCopy);
});

test('[OWN-9] what is erased is gone from disk, and no device that still had it open writes it again', async () => {
  const { disk, documents, records } = await setup();
  const phone = await new Device().open(documents);
  phone.write('a', 'one');
  await expect.poll(async () => (await records()).length).toBe(1);
  const release = disk.hold();
  const writes = disk.batches.length;
  phone.write('a', 'two');
  await expect.poll(() => disk.batches.length).toBe(writes + 1);
  const erased = documents.erase(ANN);
  phone.write('a', 'three');
  release();
  await erased;
  phone.write('a', 'four');
  expect(phone.closed).toBe(CLOSE.signedOut);
  expect(await records()).toEqual([]);
});
