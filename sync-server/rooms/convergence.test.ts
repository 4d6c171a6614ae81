// Random histories of a conversation on real replicas, some of them away for a while: all come to the same, whatever
// the order in which what they wrote got there. The seed is in the name of what fails; ROOST_SEED repeats it.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { isKnown, type Entry } from '#protocol/entry.ts';
import { fold } from '#protocol/fold.ts';
import type { UserId } from '#protocol/ids.ts';
import { messageEffects, shownPreview } from '#protocol/message-effects.ts';
import type { RoomState } from '#protocol/room-state.ts';
import { seededRandom } from '../../tests/seeded-random.ts';
import type { DocClient } from './testing/doc-client.ts';
import { RoomsSetup } from './testing/rooms-setup.ts';

const EMOJI = ['👍', '🎉', '🚤'];
const STEPS = 80;
const HISTORIES = 12;
const SEED = Number(process.env['ROOST_SEED'] ?? Date.now() % 1e9);

const LINK = 'https://tide.example/today';
const linked = (step: number) => ({ body: `see ${LINK} ${step}`, preview: { url: LINK, title: `Tide ${step}` } });

/** What a replica makes of the room. */
function folded(client: DocClient) {
  const entries = client.view.arrived.map(({ entry }) => entry);
  const messages = entries.filter((entry) => isKnown(entry) && entry.type === 'message');
  const shown = messages.map((message) => {
    const effects = messageEffects(
      message.author,
      entries.filter((entry) => 'target' in entry && entry.target === message.id)
    );
    return { id: message.id, words: message.body, ...effects, preview: shownPreview(message, effects) };
  });
  return { state: entries.reduce<RoomState | null>(fold, null), shown };
}

/** Who has put which emoji on what, told once more by the last word of each alone. */
function lastWords(entries: readonly Entry[]): Set<string> {
  const on = new Set<string>();
  const gone = new Set<string>();
  for (const entry of entries) {
    if (!isKnown(entry)) continue;
    if (entry.type === 'redaction') gone.add(entry.target);
    if (entry.type !== 'reaction') continue;
    const key = `${entry.target} ${entry.emoji} ${entry.author}`;
    if (entry.on) on.add(key);
    else on.delete(key);
  }
  return new Set([...on].filter((key) => !gone.has(key.split(' ')[0]!)));
}

async function playHistory(seed: number): Promise<void> {
  await using setup = await RoomsSetup.start();
  const random = seededRandom(seed);
  const below = (count: number): number => Math.floor(random() * count);
  const pick = <Value>(values: readonly Value[]): Value => values[below(values.length)]!;
  const people: UserId[] = Array.from({ length: 2 + below(7) }, () => setup.user());
  const [owner, ...others] = people as [UserId, ...UserId[]];
  const room = await setup.room(owner, 'public', ...others);
  const clients = await Promise.all(people.map((user) => setup.client(user, room)));
  const away = new Set<DocClient>();
  const said: Entry[] = [];
  const reads = new Map<UserId, number>();

  const write = (client: DocClient, content: { type: string; [key: string]: unknown }): void =>
    client.append(setup.entry(client.user, content));
  const goAwayOrCome = async (client: DocClient): Promise<void> => {
    if (away.delete(client)) {
      expect(await client.connect(setup.rooms)).toBeNull();
      return;
    }
    client.disconnect();
    away.add(client);
  };
  const read = async (user: UserId): Promise<void> => {
    const marker = (await setup.rooms.markRead(user, room, below(said.length + 3)))!;
    expect(marker.n).toBeGreaterThanOrEqual(reads.get(user) ?? 0);
    expect(marker.unread).toBeGreaterThanOrEqual(0);
    reads.set(user, marker.n);
  };

  for (let step = 0; step < STEPS; step += 1) {
    const client = pick(clients);
    const target = said.length > 0 ? pick(said) : null;
    const kind = random();
    if (kind < 0.25 || !target) {
      const message = { ...setup.message(client.user, `said ${step}`), ...(random() < 0.3 && linked(step)) };
      said.push(message);
      client.append(message);
    } else if (kind < 0.4) {
      const body = `edited ${step}${random() < 0.5 ? ` ${LINK}` : ''}`;
      write(client, { type: 'edit', target: target.id, body });
    } else if (kind < 0.6) {
      write(client, { type: 'reaction', target: target.id, emoji: pick(EMOJI), on: random() < 0.6 });
    } else if (kind < 0.68) write(client, { type: 'redaction', target: target.id, of: target.author });
    else if (kind < 0.74) write(client, { type: 'pin', target: target.id, on: random() < 0.7 });
    else if (kind < 0.82) await read(client.user);
    else if (kind < 0.94) await goAwayOrCome(client);
    else await nextTurn();
    setup.timers.advance(below(5));
  }

  for (const client of [...away]) await goAwayOrCome(client);
  const late = await setup.client(owner, room);
  const all = [...clients, late];
  const orders = (): Set<string> => new Set(all.map((client) => client.arrivedIds.join()));
  while (orders().size > 1 || all.some(({ view }) => view.pending.length > 0)) await nextTurn();

  const expected = folded(late);
  const words = lastWords(late.view.arrived.map(({ entry }) => entry));
  for (const client of all) {
    expect(Y.encodeStateVector(client.doc)).toEqual(Y.encodeStateVector(late.doc));
    expect(folded(client)).toEqual(expected);
  }
  for (const { id, redaction, words: said, body, reactions, preview } of expected.shown) {
    // The edit that arrived last rules, and only the link itself keeps its preview.
    const hadOne = said.includes(LINK);
    expect(preview !== null).toBe(hadOne && !redaction && (body ?? said).includes(LINK));
    // Taken away, nothing that came after shows.
    if (redaction) expect([body, reactions]).toEqual([null, []]);
    for (const { emoji, people: by } of reactions) {
      expect(by.length).toBeGreaterThan(0);
      expect(new Set(by).size).toBe(by.length);
      for (const person of by) expect(words.delete(`${id} ${emoji} ${person}`)).toBe(true);
    }
  }
  // What was taken away has left its place, and its reactions with it.
  const shown = new Set(expected.shown.map(({ id }) => id));
  expect([...words].filter((key) => shown.has(key.split(' ')[0]!))).toEqual([]);
  const arrivedAt = new Map(late.view.arrived.map(({ entry, arrival }) => [entry.id, arrival!]));
  const places = [...arrivedAt.values()].map(({ n }) => n);
  expect(places).toEqual([...places].sort((a, b) => a - b));
  for (const user of people) {
    const { n, read: marker, unread } = (await setup.rooms.summary(user, room))!;
    expect(marker).toBeGreaterThanOrEqual(reads.get(user) ?? 0);
    expect(unread).toBeGreaterThanOrEqual(0);
    expect(unread).toBeLessThanOrEqual(n - marker);
  }
  expect(setup.errors).toEqual([]);
}

test.each(Array.from({ length: HISTORIES }, (_, at) => SEED + at))(
  '[CONV-1] [PREVIEW-4] replicas that reorder, go and come back fold to the same: history %i',
  playHistory
);

test.each([1, 2, 3])('[CONV-1] the same for histories that are kept: %i', playHistory);
