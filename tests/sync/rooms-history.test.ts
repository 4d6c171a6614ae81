import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ARRIVALS_ROOT, isSeal, MESSAGES_ROOT, type Arrival, type Seal } from '#protocol/arrival.ts';
import type { Entry } from '#protocol/entry.ts';
import type { EntryId, RoomId } from '#protocol/ids.ts';
import { PAGE_MAX_ENTRIES } from '#protocol/limits.ts';
import { imported } from '../../sync-server/rooms/testing/imported.ts';
import { DocClient } from '../../sync-server/rooms/testing/doc-client.ts';
import { RoomsSetup } from '../../sync-server/rooms/testing/rooms-setup.ts';
import { seededRandom } from '../seeded-random.ts';

const SEEDS = process.env['ROOST_SOAK'] === '1' ? 1_000 : 24;
const STEPS = 40;

/** A tab of somebody: keeps what has no arrival yet, and goes on to the next page when its page is sealed. */
class Tab {
  readonly #setup: RoomsSetup;
  readonly outbox = new Map<EntryId, Entry>();
  /** In the order this tab saw them arrive. */
  readonly arrived: EntryId[] = [];
  readonly refused: EntryId[] = [];
  client: DocClient;
  #sealedTo: number | null = null;
  #messagesSeen = 0;

  constructor(setup: RoomsSetup, user: string, room: RoomId) {
    this.#setup = setup;
    this.client = new DocClient(user, { room, page: 0 });
  }

  send(entry: Entry): void {
    this.outbox.set(entry.id, entry);
    this.client.append(entry);
  }

  /** Takes in what came; connects where the channel is gone, and follows the head. */
  async step(): Promise<void> {
    this.#take();
    const sealedTo = this.#sealedTo;
    if (sealedTo !== null) {
      await this.move(sealedTo);
    } else if (this.client.closedWith !== null && this.#setup.rooms.healthy()) {
      await this.client.connect(this.#setup.rooms);
    }
  }

  /** A page under a fresh client id, with all that has no arrival appended again. */
  async move(page: number): Promise<void> {
    this.#sealedTo = null;
    this.#messagesSeen = 0;
    this.client.disconnect();
    this.client = new DocClient(this.client.user, { room: this.client.ref.room, page });
    this.client.append(...this.outbox.values());
    await this.client.connect(this.#setup.rooms);
  }

  #take(): void {
    for (const { id, code } of this.client.refusals.splice(0)) {
      if (code === 'sealed' || !this.outbox.delete(id)) continue;
      this.refused.push(id);
    }
    if (this.client.messages.length === this.#messagesSeen) return;
    this.#messagesSeen = this.client.messages.length;
    const seen = new Set(this.arrived);
    const entries = new Set((this.client.doc.getArray(MESSAGES_ROOT).toArray() as Entry[]).map(({ id }) => id));
    for (const arrival of this.client.doc.getArray(ARRIVALS_ROOT).toArray() as (Arrival | Seal)[]) {
      if (isSeal(arrival)) {
        this.#sealedTo = arrival.sealed;
        continue;
      }
      this.outbox.delete(arrival.id);
      if (entries.has(arrival.id) && !seen.has(arrival.id)) this.arrived.push(arrival.id);
      seen.add(arrival.id);
    }
  }
}

async function wholeHistory(setup: RoomsSetup, user: string, room: RoomId): Promise<EntryId[]> {
  const { head } = (await setup.rooms.summary(user, room))!;
  const ids: EntryId[] = [];
  for (let page = 0; page < head; page++) {
    const sealed = await setup.rooms.sealedPage(user, { room, page });
    if (!sealed || sealed === 'not-sealed') throw new Error(`page ${page} is not sealed`);
    ids.push(...sealed.entries.map(({ entry }) => entry.id));
  }
  return [...ids, ...(await setup.rooms.headEntries(room)).map(({ entry }) => entry.id)];
}

async function play(seed: number): Promise<void> {
  const random = seededRandom(seed);
  const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)]!;
  await using setup = await RoomsSetup.start();
  const users = [setup.user(), setup.user(), setup.user()];
  const room = await setup.room(users[0]!, 'public', ...users.slice(1));
  // Every third starts close to the end of the page, so that it is sealed somewhere in the middle of the history.
  if (seed % 3 === 0) await setup.rooms.import(room, imported(PAGE_MAX_ENTRIES - 3 - Math.floor(random() * 60)));
  // Two tabs of one person among them.
  const tabs = [...users, users[0]!].map((user) => new Tab(setup, user, room));
  for (const tab of tabs) await tab.client.connect(setup.rooms);
  const sent: EntryId[] = [];

  for (let step = 0; step < STEPS; step++) {
    const tab = pick(tabs);
    const { user } = tab.client;
    const luck = random();
    if (luck < 0.6) {
      for (let left = 1 + Math.floor(random() * 4); left > 0; left--) {
        const bad = random() < 0.15;
        const entry = bad
          ? setup.entry(user, { type: 'membership', action: 'joined' })
          : setup.message(user, `seed ${seed} step ${step}`);
        tab.send(entry);
        if (!bad) sent.push(entry.id);
        // What one tab keeps, another one of the same person may offer too.
        const twin = tabs.find((other) => other !== tab && other.client.user === user);
        if (!bad && twin && random() < 0.3) twin.send(entry);
      }
    } else if (luck < 0.75) {
      tab.client.disconnect();
      tab.client.closedWith = 0;
    } else if (luck < 0.85) setup.disk.failNextBatch({ applied: random() < 0.5 });
    else if (luck < 0.9) {
      for (const other of tabs) other.client.disconnect();
      for (const other of tabs) other.client.closedWith = 0;
      await setup.crash();
    }
    for (let turns = Math.floor(random() * 12); turns > 0; turns--) await nextTurn();
    for (const other of tabs) if (random() < 0.8) await other.step();
  }

  for (let turn = 0; tabs.some(({ outbox, client }) => outbox.size > 0 || client.closedWith !== null); turn++) {
    // A refusal whose notice was lost with the line leaves a tombstone and no word: a rebuild asks again.
    if (turn % 100 === 99) for (const tab of tabs) if (tab.outbox.size > 0) await tab.move(tab.client.ref.page);
    expect(turn, 'the tabs do not come to rest').toBeLessThan(3_000);
    await nextTurn();
    setup.timers.advance(50);
    for (const tab of tabs) await tab.step();
  }
  const history = await wholeHistory(setup, users[0]!, room);
  expect(new Set(history).size, 'nothing is there twice').toBe(history.length);
  const messages = history.filter((id) => !id.startsWith('imported-'));
  expect(messages.filter((id) => sent.includes(id)).sort(), 'all that was sent').toEqual([...sent].sort());
  expect((await setup.rooms.summary(users[0]!, room))!.n).toBe(sent.length);
  const place = new Map(history.map((id, index) => [id, index]));
  for (const { arrived, refused } of tabs) {
    const places = arrived.map((id) => place.get(id) ?? -1);
    expect(places, 'each tab saw them arrive in the one order').toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
    expect(refused.filter((id) => place.has(id))).toEqual([]);
  }
  await setup.restart();
  expect(await wholeHistory(setup, users[0]!, room)).toEqual(history);
}

test(`[COMMIT-5] ${SEEDS} seeded histories with failed writes, crashes, lost lines, refusals, twin tabs and a sealed page: each entry once, one order`, async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    try {
      await play(seed);
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
});
