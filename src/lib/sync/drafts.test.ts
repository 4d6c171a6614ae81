// Drafts over the whole sync client, on a server in memory: the races that lose what somebody typed.

import { expect, onTestFinished, test, vi } from 'vitest';
import { CLOSE } from '#protocol/close-codes.ts';
import { PERSONAL_VALUE_MAX_BYTES } from '#protocol/limits.ts';
import { PERSONAL_DOC_NAME, type Draft } from '#protocol/personal.ts';
import { eventually } from '../../../tests/eventually.ts';
import { STORED } from '../storage/storage-failure.ts';
import { personalDbName, UserDb, userDbName } from '../storage/user-db.ts';
import { Drafts } from './drafts.ts';
import { FAKE_USER, FakeServer } from './testing/fake-server.ts';
import { freshDevice, ROOM, startClient, summary } from './testing/synced-room.ts';

function setup() {
  const server = new FakeServer();
  server.rooms = [summary];
  const onServer = (): unknown => server.page(PERSONAL_DOC_NAME).doc.getMap('drafts').toJSON();
  return { server, onServer };
}

async function online(server: FakeServer, prefix = freshDevice()) {
  const client = await startClient(server, prefix);
  client.start();
  await eventually(() => expect(client.mux.up).toBe(true));
  return client;
}

async function rowsOf(prefix: string) {
  const db = new UserDb(userDbName(prefix, FAKE_USER, 'g1'), () => undefined);
  const rows = await db.drafts();
  db.close();
  return rows;
}

test('[OWN-20] a draft reaches the person’s other devices when the keys rest, and is gone there when it is sent', async () => {
  const { server, onServer } = setup();
  const told: string[] = [];
  const phone = await online(server);
  const desk = await startClient(server, freshDevice(), { draftElsewhere: (_room, text) => told.push(text) });
  desk.start();
  // Whoever types is not at rest, however slow the machine.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  for (const text of ['h', 'ha', 'half']) await phone.setDraft(ROOM, text);
  expect(onServer()).toEqual({});
  await vi.advanceTimersByTimeAsync(1_000);
  await eventually(() => expect(desk.draft(ROOM)).toBe('half'));
  expect(told).toEqual(['half']);
  await phone.setDraft(ROOM, '');
  await eventually(() => expect(told).toEqual(['half', '']));
  expect(onServer()).toEqual({});
});

test('[OWN-21] each key is on disk before the keys rest, and moves into the own document with the next start', async () => {
  const { server } = setup();
  const prefix = freshDevice();
  const killed = await startClient(server, prefix);
  await killed.setDraft(ROOM, 'half a thought');
  expect(await rowsOf(prefix)).toMatchObject([{ room: ROOM, text: 'half a thought' }]);
  // The process is gone here; another one starts on the same disk.
  const next = await startClient(server, prefix);
  expect(next.draft(ROOM)).toBe('half a thought');
  expect(await rowsOf(prefix)).toEqual([]);
  await next.close();
  expect((await startClient(server, prefix)).draft(ROOM)).toBe('half a thought');
});

test('[OWN-22] rows of a version that kept drafts on the device alone are moved once, and then deleted', async () => {
  const { server, onServer } = setup();
  const prefix = freshDevice();
  const db = new UserDb(userDbName(prefix, FAKE_USER, 'g1'), () => undefined);
  await db.putDraft({ room: ROOM, text: 'from before' });
  db.close();
  await online(server, prefix);
  await eventually(() => expect(onServer()).toMatchObject({ [ROOM]: { text: 'from before' } }));
  expect(await rowsOf(prefix)).toEqual([]);
});

test('[OWN-23] race: a draft typed on two devices offline: the one that was typed later is on both, whoever comes first', async () => {
  for (const laterFirst of [true, false]) {
    // Which of two values Yjs takes is decided by random client ids: both ways come up.
    for (let round = 0; round < 6; round++) {
      const { server } = setup();
      const earlier = await startClient(server, freshDevice());
      const later = await startClient(server, freshDevice());
      await earlier.setDraft(ROOM, 'typed earlier');
      await earlier.settleDrafts();
      const typedAt = Date.now();
      await eventually(() => expect(Date.now()).toBeGreaterThan(typedAt));
      await later.setDraft(ROOM, 'typed later');
      await later.settleDrafts();
      for (const client of laterFirst ? [later, earlier] : [earlier, later]) {
        client.start();
        await eventually(() => expect(client.mux.up).toBe(true));
      }
      await eventually(() => expect([earlier.draft(ROOM), later.draft(ROOM)]).toEqual(['typed later', 'typed later']));
      await earlier.close();
      await later.close();
    }
  }
});

test('[OWN-24] race: a draft goes on here while the other device sends what it knew: what was typed since stays', async () => {
  const { server, onServer } = setup();
  const phone = await online(server);
  const desk = await online(server);
  await phone.setDraft(ROOM, 'see you');
  await phone.settleDrafts();
  await eventually(() => expect(desk.draft(ROOM)).toBe('see you'));
  await phone.setDraft(ROOM, 'see you tomorrow');
  // Sent on the desk: its draft is emptied there.
  await desk.setDraft(ROOM, '');
  await eventually(() => expect(onServer()).toMatchObject({ [ROOM]: { text: 'see you tomorrow' } }));
  expect(phone.draft(ROOM)).toBe('see you tomorrow');
});

test('[OWN-24] race: an older text of another device comes while one types: what is typed stays', async () => {
  const { server, onServer } = setup();
  const desk = await startClient(server, freshDevice());
  await desk.setDraft(ROOM, 'from yesterday');
  await desk.settleDrafts();
  const told: string[] = [];
  const phone = await startClient(server, freshDevice(), { draftElsewhere: (_room, text) => told.push(text) });
  phone.start();
  await eventually(() => expect(phone.mux.up).toBe(true));
  await phone.setDraft(ROOM, 'typing n');
  desk.start();
  await eventually(() => expect(onServer()).not.toEqual({}));
  await phone.setDraft(ROOM, 'typing now');
  await eventually(() => expect(onServer()).toMatchObject({ [ROOM]: { text: 'typing now' } }));
  expect(phone.draft(ROOM)).toBe('typing now');
  expect(told).not.toContain('from yesterday');
});

test('[OWN-24] race: another tab sends, and that is heard here only after the next words were typed: they stay, on disk too', async () => {
  const db = new UserDb(freshDevice(), () => undefined);
  onTestFinished(() => db.close());
  const own = new Map<string, Draft>();
  const posted: [of: string, text: string, was: string][] = [];
  const tab = () =>
    new Drafts({
      ...{ db, now: () => Date.now(), elsewhere: () => undefined },
      personal: {
        draft: (of) => own.get(of) ?? null,
        fits: () => true,
        setDraft: async (of, draft) => {
          if (draft) own.set(of, draft);
          else own.delete(of);
          return STORED;
        }
      },
      typed: (...message) => posted.push(message)
    });
  const [left, right] = [tab(), tab()];
  onTestFinished(async () => void (await Promise.all([left.close(), right.close()])));
  await left.set(ROOM, 'See you at six');
  expect(right.heard(...posted.splice(0)[0]!)).toBe(true);
  expect(right.draft(ROOM)).toBe('See you at six');
  await right.set(ROOM, 'At the quay');
  await left.set(ROOM, '');
  const [typedRight, sentLeft] = posted as [(typeof posted)[0], (typeof posted)[0]];
  expect(right.heard(...sentLeft)).toBe(false);
  expect(left.heard(...typedRight)).toBe(true);
  expect([left.draft(ROOM), right.draft(ROOM)]).toEqual(['At the quay', 'At the quay']);
  await eventually(async () => expect(await db.drafts()).toMatchObject([{ room: ROOM, text: 'At the quay' }]));
  await right.settle();
  expect(own.get(ROOM)).toMatchObject({ text: 'At the quay' });

  // What was sent is what stands here: it goes.
  await right.set(ROOM, 'At the quay, then');
  expect(left.heard(...posted.at(-1)!)).toBe(true);
  await left.set(ROOM, '');
  expect(right.heard(...posted.at(-1)!)).toBe(true);
  expect(right.draft(ROOM)).toBe('');
});

test('[OWN-25] what is too long to sync, or belongs to no room, stays on this device and is lost nowhere', async () => {
  const { server, onServer } = setup();
  const prefix = freshDevice();
  const client = await online(server, prefix);
  const long = 'x'.repeat(PERSONAL_VALUE_MAX_BYTES);
  await client.setDraft(ROOM, long);
  await client.setDraft(`${ROOM}/edit`, 'entry-001\nother words');
  await client.close();
  const next = await online(server, prefix);
  expect([next.draft(ROOM), next.draft(`${ROOM}/edit`)]).toEqual([long, 'entry-001\nother words']);
  expect(onServer()).toEqual({});
  await next.setDraft(ROOM, 'short');
  await eventually(() => expect(onServer()).toMatchObject({ [ROOM]: { text: 'short' } }));
  await next.setDraft(`${ROOM}/edit`, '');
  await eventually(async () => expect(await rowsOf(prefix)).toEqual([]));
});

test('[OWN-26] a copy that the server will not have is fetched anew, and what only it had is written again', async () => {
  const { server, onServer } = setup();
  const prefix = freshDevice();
  const client = await startClient(server, prefix);
  await client.setDraft(ROOM, 'only here');
  await client.settleDrafts();
  server.refusePersonal = CLOSE.discardCopy;
  client.start();
  await eventually(() => expect(client.mux.up).toBe(true));
  server.refusePersonal = null;
  await eventually(() => expect(onServer()).toMatchObject({ [ROOM]: { text: 'only here' } }));
  expect(client.draft(ROOM)).toBe('only here');
});

test('[OWN-27] the own document lies in a database named by person and generation', async () => {
  const { server } = setup();
  const prefix = freshDevice();
  const client = await online(server, prefix);
  await client.setDraft(ROOM, 'half');
  await client.settleDrafts();
  const names = (await indexedDB.databases()).map(({ name }) => name);
  expect(names).toContain(personalDbName(userDbName(prefix, FAKE_USER, 'g1')));
});
