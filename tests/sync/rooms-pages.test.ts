import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { ARRIVALS_ROOT, MESSAGES_ROOT } from '#protocol/arrival.ts';
import type { Entry } from '#protocol/entry.ts';
import type { SnapshotEntry } from '#protocol/room-entries.ts';
import type { PageRef, RoomId, UserId } from '#protocol/ids.ts';
import { PAGE_MAX_CLIENT_IDS, PAGE_MAX_ENTRIES, SNAPSHOT_MAX_MEMBERS } from '#protocol/limits.ts';
import type { RoomEvents } from '../../sync-server/rooms/room-service.ts';
import type { DocClient } from '../../sync-server/rooms/testing/doc-client.ts';
import { LATE_MAX_BYTES, LATE_MAX_ENTRIES } from '../../sync-server/rooms/late-list.ts';
import { imported } from '../../sync-server/rooms/testing/imported.ts';
import { RoomsSetup } from '../../sync-server/rooms/testing/rooms-setup.ts';

const sealedPage = async (setup: RoomsSetup, user: UserId, room: RoomId, page: number) => {
  const sealed = await setup.rooms.sealedPage(user, { room, page });
  if (!sealed || sealed === 'not-sealed') throw new Error(`page ${page} is not sealed: ${sealed}`);
  return sealed;
};
const idsOf = (entries: readonly { readonly entry: Entry }[]): string[] => entries.map(({ entry }) => entry.id);

test('[PAGE-1] a batch that fills the page seals it; the rest, offered to the next page by two tabs, stands there once', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'public', bo);
  const sender = await setup.client(ann, room);
  const messages = Array.from({ length: PAGE_MAX_ENTRIES + 5 }, (_, index) => setup.message(ann, `${index}`));
  sender.append(...messages);
  await sender.until(() => sender.view.sealedTo === 1);

  const taken = PAGE_MAX_ENTRIES - 2;
  const rest = messages.slice(taken);
  expect(sender.refusals).toEqual(rest.map(({ id }) => ({ id, code: 'sealed' })));
  expect(sender.doc.getArray(ARRIVALS_ROOT).toArray().at(-1)).toEqual({ sealed: 1 });
  const sealed = await sealedPage(setup, bo, room, 0);
  expect(idsOf(sealed.entries).slice(2)).toEqual(messages.slice(0, taken).map(({ id }) => id));
  expect(idsOf(sealed.entries)).toEqual(sender.arrivedIds);
  expect(sealed).toMatchObject({ revision: 0, late: [] });
  expect(await setup.rooms.sealedPage(bo, { room, page: 1 })).toBe('not-sealed');
  expect(await setup.rooms.summary(bo, room)).toMatchObject({ head: 1, n: taken });

  const tabs = [await setup.client(ann, room, 1), await setup.client(ann, room, 1)];
  for (const tab of tabs) tab.append(...rest);
  const ids = rest.map(({ id }) => id);
  await Promise.all(tabs.map((tab) => tab.untilArrived(...ids)));
  const watcher = await setup.client(bo, room, 1);
  await watcher.untilArrived(...ids);
  for (const client of [...tabs, watcher]) {
    expect(client.view.arrived.map(({ entry }) => entry.type)).toEqual(['snapshot', ...rest.map(() => 'message')]);
    expect(client.arrivedIds.slice(1)).toEqual(ids);
    expect(client.view.pending).toEqual([]);
  }
  expect(await setup.rooms.summary(bo, room)).toMatchObject({ head: 1, n: messages.length });
});

test('[PAGE-2] an entry that arrived on an older page and is offered again is told its arrival again, and stays where it is', async () => {
  await using setup = await RoomsSetup.start();
  const ann = setup.user();
  const room = await setup.room(ann, 'public');
  const sender = await setup.client(ann, room);
  const messages = Array.from({ length: PAGE_MAX_ENTRIES }, (_, index) => setup.message(ann, `${index}`));
  sender.append(...messages);
  await sender.until(() => sender.view.sealedTo === 1);
  // The other tab has not heard of the arrival, only of the seal.
  const tab = await setup.client(ann, room, 1);
  const early = messages[3]!;
  tab.append(early);
  const told = () => tab.doc.getArray(ARRIVALS_ROOT).toArray() as { id?: string }[];
  await tab.until(() => told().some(({ id }) => id === early.id));
  const { entries } = await sealedPage(setup, ann, room, 0);
  const original = entries.find(({ entry }) => entry.id === early.id)!;
  expect(told().at(-1)).toEqual({ id: early.id, at: original.at, n: original.n });
  expect(tab.view.arrived.map(({ entry }) => entry.type)).toEqual(['snapshot']);
  expect(tab.view.pending).toEqual([]);
  expect(tab.refusals).toEqual([]);
  expect(await setup.rooms.summary(ann, room)).toMatchObject({ n: PAGE_MAX_ENTRIES - 1 });
});

test('[PAGE-3] a new page opens with a snapshot: owners first, bounded, the rest counted; the server keeps them all', async () => {
  await using setup = await RoomsSetup.start();
  const ann = setup.user();
  const room = await setup.room(ann, 'public');
  const members = SNAPSHOT_MAX_MEMBERS + 20;
  for (let index = 1; index < members; index++) {
    setup.timers.advance(1);
    await setup.rooms.joinByInvitation(room, setup.user(), ann);
  }
  await setup.rooms.import(room, imported(PAGE_MAX_ENTRIES));
  const [first] = await setup.rooms.headEntries(room);
  const { state } = first!.entry as SnapshotEntry;
  expect(Object.keys(state.members)).toHaveLength(SNAPSHOT_MAX_MEMBERS);
  expect(state.membersElided).toBe(20);
  expect(state.members[ann]?.role).toBe('owner');
  expect(await setup.rooms.members(ann, room)).toHaveLength(members);
  await setup.restart();
  expect(await setup.rooms.members(ann, room)).toHaveLength(members);
  // Somebody the snapshot leaves out is a member all the same.
  const all = (await setup.rooms.members(ann, room))!.map(({ id }) => id);
  const elided = all.find((id) => !Object.hasOwn(state.members, id))!;
  expect(await setup.rooms.append(setup.entry(elided, { type: 'membership', action: 'joined' }), room)).toBe(
    'no-change'
  );
});

test('[PAGE-4] a sealed page is served over a channel as it ended, and takes nothing more', async () => {
  await using setup = await RoomsSetup.start();
  const ann = setup.user();
  const room = await setup.room(ann, 'public');
  await setup.rooms.import(room, imported(PAGE_MAX_ENTRIES));
  await setup.restart();
  const reader = await setup.client(ann, room, 0);
  await reader.until(() => reader.view.sealedTo === 1);
  expect(reader.arrivedIds).toEqual(idsOf((await sealedPage(setup, ann, room, 0)).entries));
  const late = setup.message(ann, 'too late');
  reader.append(late);
  await reader.until(() => reader.refusals.length > 0);
  expect(reader.refusals).toEqual([{ id: late.id, code: 'sealed' }]);
  expect(reader.closedWith).toBeNull();
  const fresh = await setup.client(ann, room, 0);
  await fresh.until(() => fresh.view.sealedTo === 1);
  expect(fresh.arrivedIds).toEqual(reader.arrivedIds);
  expect(fresh.view.pending).toEqual([]);
});

test('[PAGE-5] a page is sealed when it has taken its number of client ids', async () => {
  await using setup = await RoomsSetup.start();
  const ann = setup.user();
  const room = await setup.room(ann, 'public');
  const people = Array.from({ length: PAGE_MAX_CLIENT_IDS }, () => setup.user());
  for (const [index, user] of people.entries()) {
    const reader = {
      user,
      send: () => undefined,
      kind: 'token' as const,
      refused: () => undefined,
      close: () => undefined
    };
    const attached = await setup.rooms.attach({ room, page: 0, clientId: null, create: false }, reader);
    if (!attached.ok) throw new Error(`closed with ${attached.close}`);
    const doc = new Y.Doc();
    doc.getArray(MESSAGES_ROOT).push([setup.message(user, `${index}`)]);
    attached.attachment.receive(Y.encodeStateAsUpdate(doc));
  }
  await setup.rooms.append(setup.message(ann, 'on the next page'), room);
  expect(await setup.rooms.summary(ann, room)).toMatchObject({ head: 1 });
  const { entries } = await sealedPage(setup, ann, room, 0);
  const bodies = entries.slice(1).map(({ entry }) => (entry as { body?: string }).body);
  expect(bodies).toEqual(people.slice(0, bodies.length).map((_, index) => `${index}`));
  // The server's own two ids count too.
  expect(bodies.length).toBeGreaterThan(PAGE_MAX_CLIENT_IDS - 4);
});

test('[PAGE-6] a later entry that concerns one of a sealed page goes on its late list, and its readers learn of it', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo, cy] = [setup.user(), setup.user(), setup.user()];
  const room = await setup.room(ann, 'private', bo);
  const old = imported(PAGE_MAX_ENTRIES);
  await setup.rooms.import(room, old);
  const before = await setup.rooms.changedPages(bo, 0);
  expect(before).toEqual({ changed: [], cursor: 0 });

  const told: [UserId, PageRef, number, number][] = [];
  const events: RoomEvents = {
    changed: () => undefined,
    gone: () => undefined,
    read: () => undefined,
    receipt: () => undefined,
    pageChanged: (...event) => told.push(event)
  };
  setup.rooms.subscribe(events);
  const client = await setup.client(ann, room, 1);
  const reactions = [0, 1, 2].map((index) =>
    setup.entry(ann, { type: 'applause', target: old[index]!.id, emoji: '👍' })
  );
  for (const reaction of reactions) {
    client.append(reaction);
    await client.untilArrived(reaction.id);
  }
  const here = setup.message(ann, 'here');
  const inPage = setup.entry(ann, { type: 'applause', target: here.id, emoji: '👍' });
  client.append(here, inPage);
  await client.untilArrived(inPage.id);
  const noTarget = setup.entry(ann, { type: 'applause', target: 'absent-entry', emoji: '👍' });
  client.append(noTarget);
  await client.until(() => client.refusals.length > 0);
  expect(client.refusals).toEqual([{ id: noTarget.id, code: 'no-target' }]);

  await setup.restart();
  const page = await sealedPage(setup, bo, room, 0);
  expect(page.revision).toBe(3);
  expect(page.late.map(({ entry }) => entry)).toEqual(reactions);
  expect(page.entries).toHaveLength(PAGE_MAX_ENTRIES);
  expect(told.filter(([user]) => user === bo)).toEqual([1, 2, 3].map((count) => [bo, { room, page: 0 }, count, count]));
  expect(await setup.rooms.changedPages(bo, before.cursor)).toEqual({
    changed: [{ room, page: 0, revision: 3 }],
    cursor: 3
  });
  expect(await setup.rooms.changedPages(bo, 3)).toEqual({ changed: [], cursor: 3 });
  expect(await setup.rooms.changedPages(cy, 0)).toEqual({ changed: [], cursor: 3 });
});

test.each([
  { bound: 'entries', filler: '', most: LATE_MAX_ENTRIES / 2 },
  { bound: 'bytes', filler: 'x'.repeat(40_000), most: Math.floor(LATE_MAX_BYTES / 2 / 40_200) }
])(
  '[PAGE-11] [PAGE-15] a late list is bounded in $bound, half of it for each; what is beyond is refused and told',
  async ({ filler, most }) => {
    await using setup = await RoomsSetup.start();
    const [ann, bo, cy] = [setup.user(), setup.user(), setup.user()];
    const room = await setup.room(ann, 'public', bo, cy);
    const old = imported(PAGE_MAX_ENTRIES);
    await setup.rooms.import(room, old);
    const reaction = (who: UserId) => setup.entry(who, { type: 'applause', target: old[0]!.id, filler });
    let head = 1;
    // In one update, in single ones and over a restart alike; a full head page goes on with the next.
    const fill = async (who: UserId): Promise<readonly Entry[]> => {
      const reactions = Array.from({ length: most + 5 }, () => reaction(who));
      for (let left = reactions; left.length > 0;) {
        const client = await setup.client(who, room, head);
        client.append(...left);
        const [told, sealed] = [client.refusals, () => client.refusals.filter(({ code }) => code === 'sealed')];
        const last = left.at(-1)!.id;
        await client.until(() => told.length > 0 && (client.view.sealedTo !== null || told.at(-1)!.id === last));
        left = left.filter(({ id }) => sealed().some((refused) => refused.id === id));
        if (left.length === 0) expect(told.map(({ code }) => code)).toEqual(told.map(() => 'too-large'));
        if (client.view.sealedTo !== null) head += 1;
      }
      return reactions.slice(0, most);
    };
    const anns = await fill(ann);
    await setup.restart();
    expect(await setup.rooms.append(reaction(ann), room)).toBe('too-large');
    // There is a place for others.
    const bos = await fill(bo);
    await setup.restart();
    for (const who of [ann, bo, cy]) expect(await setup.rooms.append(reaction(who), room)).toBe('too-large');
    const page = await sealedPage(setup, ann, room, 0);
    expect(page.late.map(({ entry }) => entry)).toEqual([...anns, ...bos]);
    // Another page has a list of its own.
    const here = setup.message(ann, 'here');
    expect(await setup.rooms.append(here, room)).toBeNull();
    expect(await setup.rooms.append(setup.entry(ann, { type: 'applause', target: here.id }), room)).toBeNull();
  }
);

test('[PAGE-7] order, counts and bytes are the same after a restart, however long the log is and wherever it was cut', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'public', bo);
  const clients = [await setup.client(ann, room), await setup.client(bo, room)];
  const sent: string[] = [];
  const records = () => setup.disk.entries.filter(([key]) => key.startsWith(`log/${room}/`)).length;
  let most = 0;
  for (let index = 0; index < 300; index++) {
    const client = clients[index % 2]!;
    const message = setup.message(client.user, `${index}`);
    client.append(message);
    await client.untilArrived(message.id);
    sent.push(message.id);
    most = Math.max(most, records());
    if (index % 97 === 0) {
      const before = await setup.rooms.headEntries(room);
      await setup.restart();
      expect(await setup.rooms.headEntries(room)).toEqual(before);
      for (const one of clients) await one.connect(setup.rooms);
    }
  }
  expect(most, 'the log is trimmed').toBeLessThan(200);
  await Promise.all(clients.map((client) => client.untilArrived(...sent)));
  const [one, two] = clients as [DocClient, DocClient];
  expect(one.arrivedIds).toEqual(two.arrivedIds);
  expect(one.arrivedIds.slice(2)).toEqual(sent);
  const fresh = await setup.client(ann, room);
  await fresh.untilArrived(...sent);
  expect(fresh.view).toEqual(one.view);
  expect(fresh.view.arrived.map(({ arrival }) => arrival!.n).slice(2)).toEqual(sent.map((_, index) => index + 1));
  expect(Y.encodeStateVector(fresh.doc)).toEqual(Y.encodeStateVector(one.doc));
});
