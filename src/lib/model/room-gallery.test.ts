import { flushSync } from 'svelte';
import { expect, onTestFinished, test } from 'vitest';
import type { Attachment } from '#protocol/attachment.ts';
import type { Entry } from '#protocol/entry.ts';
import type { OrderedEntry } from '#protocol/order.ts';
import { erased } from '../sync/erased-entry.ts';
import type { PendingEntry } from '../sync/outbox.ts';
import type { OlderPage } from '../sync/older-page.ts';
import { LoadedEntries } from './loaded-entries.ts';
import { shelfOf } from './room-gallery.ts';
import { RoomGallery, type GallerySource } from './room-gallery.svelte.ts';
import type { TimelineContext } from './timeline.ts';

const ANN = `u${'a'.repeat(22)}`;
const HOUR_MS = 3_600_000;
const picture = (name: string, more: Partial<Attachment> = {}): Attachment => ({
  ...{ hash: name.padEnd(43, 'h'), name: `${name}.webp`, type: 'image/webp', size: 9, width: 4, height: 3 },
  ...more
});
const idOf = (name: string): string => `message-${name}`;
const said = (id: string, n: number, attachments: readonly Attachment[] | null = [picture(id)]): OrderedEntry => ({
  entry: {
    ...{ id: idOf(id), type: 'message', author: ANN, sentAt: n * HOUR_MS, body: id },
    ...(attachments && { attachments })
  },
  arrival: { id: idOf(id), at: n * HOUR_MS, n }
});
const page = (number: number, ...entries: OrderedEntry[]): OlderPage => ({ page: number, entries, late: [] });

/** A room on a device: sealed pages that can be had, and a head. */
function setup(sealed: OlderPage[], arrived: OrderedEntry[] = []) {
  const pinned = new Map<number, number>();
  const away = new Set<number>();
  const loaded = new LoadedEntries();
  let number = sealed.length;
  const pending: PendingEntry[] = [];
  const source: GallerySource = {
    get head() {
      return { ref: { page: number }, arrived };
    },
    get read() {
      return sealed.filter((one) => pinned.has(one.page));
    },
    ...{ pending, unacknowledged: [], forbidden: false },
    pin: async (of) => {
      if (away.has(of)) return false;
      pinned.set(of, (pinned.get(of) ?? 0) + 1);
      update();
      return true;
    },
    unpin: (of) => {
      if (pinned.get(of) === 1) pinned.delete(of);
      else pinned.set(of, pinned.get(of)! - 1);
    }
  };
  const context = {
    ...{ me: ANN, loaded: (id: string) => loaded.get(id), effects: (id: string) => loaded.effects(id) },
    ...{ person: (id: string) => ({ id, name: 'Ann' }), proof: () => 'signed' }
  } as unknown as TimelineContext;
  const leaving = new Set<string>();
  const gallery = new RoomGallery({ isLeaving: (id) => leaving.has(id), closed: () => undefined });
  onTestFinished(() => gallery.close());
  function update(): void {
    loaded.update(source.read, arrived);
    gallery.update(source, context);
  }
  update();
  return {
    ...{ gallery, pinned, away, sealed, arrived, pending, leaving, update },
    seal: (entries: OrderedEntry[]) => {
      sealed.push(page(number, ...entries));
      number += 1;
      update();
    }
  };
}
const names = (gallery: RoomGallery): string[] => {
  flushSync();
  return gallery.files.map(({ of }) => of.name.replace('.webp', ''));
};

test('[GALLERY-1] shows what this device has of the newest page, the newest first, and each file of a message', () => {
  const { gallery } = setup([], [said('a', 1), said('words', 2, null), said('b', 3, [picture('b'), picture('c')])]);
  expect(names(gallery)).toEqual(['b', 'c', 'a']);
  expect(gallery.history).toBe('start');
});

test('[GALLERY-2] goes back page by page, holds those with files alone, and lets go of all when it is closed', async () => {
  const words = page(1, said('words', 2, null));
  const { gallery, pinned } = setup([page(0, said('a', 1)), words, page(2, said('b', 3))], [said('c', 4)]);
  expect(names(gallery)).toEqual(['c']);
  await gallery.loadOlder();
  expect(names(gallery)).toEqual(['c', 'b']);
  await gallery.loadOlder();
  expect([...pinned.keys()]).toEqual([2]);
  expect(gallery.lookedBackTo).toBe(2 * HOUR_MS);
  await gallery.loadOlder();
  expect(names(gallery)).toEqual(['c', 'b', 'a']);
  expect(gallery.history).toBe('start');
  gallery.close();
  expect(pinned.size).toBe(0);
});

test('[GALLERY-2] a page that cannot be had now says so, and is had with the next line', async () => {
  const { gallery, away } = setup([page(0, said('a', 1))]);
  away.add(0);
  await gallery.loadOlder();
  expect(gallery.history).toBe('unavailable-offline');
  away.clear();
  gallery.lineUp();
  expect(gallery.history).toBe('more');
  await gallery.loadOlder();
  expect(names(gallery)).toEqual(['a']);
});

test('[GALLERY-3] what is removed, erased or disappears leaves at once, also while a removal can be called back', async () => {
  const room = setup([page(0, said('a', 1), said('b', 2))], [said('c', 3), said('d', 4)]);
  const { gallery, sealed, arrived, leaving, update } = room;
  await gallery.loadOlder();
  expect(names(gallery)).toEqual(['d', 'c', 'b', 'a']);
  // Told of anew, as after any change on the page.
  sealed[0] = page(0, erased({ id: idOf('a'), at: 1, n: 1 }), said('b', 2));
  const redaction = { id: 'gone-c', type: 'redaction', author: ANN, sentAt: 5, target: idOf('c'), of: ANN } as Entry;
  arrived.push({ entry: redaction, arrival: { id: 'gone-c', at: 5, n: 4 } });
  leaving.add(idOf('d'));
  arrived.push(said('e', 6));
  update();
  expect(names(gallery)).toEqual(['e', 'b']);
});

test('[GALLERY-4] pages that are sealed meanwhile stay in it, also where the conversation shows the past', async () => {
  const { gallery, arrived, seal } = setup([], [said('a', 1)]);
  const before = arrived.splice(0);
  seal(before);
  await expect.poll(() => names(gallery)).toEqual(['a']);
  expect(gallery.history).toBe('start');
});

test('[GALLERY-1] one’s own files that wait are there, those that could not be sent are not', () => {
  const { gallery, pending, update } = setup([], [said('a', 1)]);
  const waiting = (id: string, state: PendingEntry['state']) =>
    ({ id, entry: said(id, 9).entry, state }) as PendingEntry;
  pending.push(waiting('b', 'kept'), waiting('c', 'failed'));
  update();
  expect(names(gallery)).toEqual(['b', 'a']);
});

test('[GALLERY-5] a file stands on the shelf of what it is', () => {
  expect(shelfOf(picture('a'))).toBe('views');
  expect(shelfOf(picture('a', { type: 'video/mp4' }))).toBe('views');
  const { width: _w, height: _h, ...unmeasured } = picture('a');
  expect(shelfOf(unmeasured)).toBe('files');
  expect(shelfOf({ ...unmeasured, type: 'image/svg+xml' })).toBe('files');
  expect(shelfOf({ ...unmeasured, type: 'audio/webm', voice: true })).toBe('sound');
  expect(shelfOf({ ...unmeasured, type: 'audio/mpeg' })).toBe('sound');
  expect(shelfOf({ ...unmeasured, type: 'application/pdf' })).toBe('files');
});
