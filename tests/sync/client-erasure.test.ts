// What was redacted is gone from the devices of all who had it: every byte of their databases is searched.

import { serialize } from 'node:v8';
import { openDB } from 'idb';
import { expect, onTestFinished, test } from 'vitest';
import type { RoomModel } from '../../src/lib/model/room-model.ts';
import type { MessageItem } from '../../src/lib/model/timeline-item.ts';
import { allArrived, messages, TestDevice, until, type TestTab } from './client-fixture.ts';
import { TestServer, type TestAccount } from './server-fixture.ts';

const CANARY = 'canary-7Qm2xV';

async function setup() {
  const server = await TestServer.start();
  onTestFinished(() => server[Symbol.asyncDispose]());
  const [anns, bos] = [
    await signedIn(server, await server.account('ann')),
    await signedIn(server, await server.account('bo'))
  ];
  const id = await anns.tab.app.createRoom('Harbour', 'public');
  const annsRoom = anns.tab.app.openRoom(id);
  await until(() => annsRoom.role === 'owner' && allArrived(annsRoom));
  await bos.tab.app.join(id);
  const bosRoom = bos.tab.app.openRoom(id);
  await until(() => bosRoom.role === 'member');
  return { server, anns, bos, id, annsRoom, bosRoom };
}

async function signedIn(server: TestServer, { name, password }: TestAccount) {
  const device = new TestDevice(server.url, { locks: true });
  onTestFinished(() => device.close());
  const tab = await device.tab();
  expect(await tab.app.session.signIn(name, password)).toEqual({ ok: true, value: undefined });
  return { device, tab };
}

/** Names of the device's stores in whose raw values the canary is. */
async function canaries({ device }: { device: TestDevice }): Promise<string[]> {
  const found: string[] = [];
  for (const { name } of await indexedDB.databases()) {
    if (!name?.startsWith(`${device.prefix}-`)) continue;
    const db = await openDB(name);
    for (const store of db.objectStoreNames) {
      for (const value of await db.getAll(store)) {
        // What cannot be cloned into bytes is a key, and no text.
        const bytes = store === 'values' ? Buffer.from(JSON.stringify(value) ?? '') : serialize(value);
        if (bytes.includes(CANARY)) found.push(`${name}/${store}`);
      }
    }
    db.close();
  }
  return found;
}

const gone = async (holder: { device: TestDevice; tab: TestTab }): Promise<void> => {
  const deadline = performance.now() + 20_000;
  let left = await canaries(holder);
  while (left.length > 0 && performance.now() < deadline) left = await canaries(holder);
  expect(left).toEqual([]);
};

const canaryIn = (room: RoomModel): MessageItem | undefined => messages(room).find(({ body }) => body.includes(CANARY));

test('[ERASE-23] a redacted message leaves the databases of its author and of who was offline meanwhile', async () => {
  const { anns, bos, annsRoom, bosRoom } = await setup();
  await annsRoom.send(`the ${CANARY} is out`);
  await annsRoom.send('after');
  await until(() => canaryIn(bosRoom)?.state === 'arrived' && messages(bosRoom).length === 2 && allArrived(annsRoom));
  const item = canaryIn(annsRoom)!;
  await until(() => bos.tab.app.rooms[0]?.preview.includes('after') ?? false);
  await expect.poll(() => canaries(bos)).not.toEqual([]);
  bos.device.unplug();

  annsRoom.acts.redact(item);
  await until(() => messages(annsRoom)[0]?.redacted?.own === true && allArrived(annsRoom));
  await gone(anns);
  await expect.poll(() => canaries(bos)).not.toEqual([]);
  bos.device.plugIn();
  await until(() => messages(bosRoom)[0]?.redacted?.by.name === 'ann');
  expect(messages(bosRoom)[0]).toMatchObject({ id: item.id, n: item.n, body: '', redacted: { own: false } });
  expect(messages(bosRoom)[1]).toMatchObject({ body: 'after' });
  await gone(bos);
});

test('[ERASE-23] a redaction of the newest message leaves no preview of it', async () => {
  const { anns, bos, annsRoom, bosRoom } = await setup();
  await annsRoom.send(`the ${CANARY} is out`);
  await until(() => canaryIn(bosRoom)?.state === 'arrived' && allArrived(annsRoom));
  await until(() => bos.tab.app.rooms[0]?.preview.includes(CANARY) ?? false);
  annsRoom.acts.redact(canaryIn(annsRoom)!);
  await until(() => messages(bosRoom)[0]?.redacted !== null);
  await until(() => !bos.tab.app.rooms[0]!.preview.includes(CANARY));
  await gone(bos);
  await gone(anns);
});

test('[ERASE-30] a redaction in a room that nobody looks at empties the copies there', async () => {
  const { anns, bos, annsRoom, bosRoom } = await setup();
  await annsRoom.send(`the ${CANARY} is out`);
  await annsRoom.send('after');
  await until(() => canaryIn(bosRoom)?.state === 'arrived' && messages(bosRoom).length === 2 && allArrived(annsRoom));
  await until(() => bos.tab.app.rooms[0]?.preview.includes('after') ?? false);
  bosRoom.close();
  await expect.poll(() => canaries(bos)).not.toEqual([]);
  annsRoom.acts.redact(canaryIn(annsRoom)!);
  await until(() => messages(annsRoom)[0]?.redacted?.own === true && allArrived(annsRoom));
  await gone(bos);
  await gone(anns);
});

test('[ERASE-31] what is erased in a public room that was only looked at, or left, leaves the device with the next line; a closed one leaves it', async () => {
  const { server, anns, bos, id, annsRoom, bosRoom } = await setup();
  const cy = await signedIn(server, await server.account('cy'));
  const cysRoom = cy.tab.app.openRoom(id);
  await annsRoom.send(`the ${CANARY} is out`);
  await annsRoom.send('after');
  await until(() => [bosRoom, cysRoom].every((room) => messages(room).length === 2) && allArrived(annsRoom));
  expect(await bosRoom.acts.leave()).toMatchObject({ ok: true });
  await until(() => bos.tab.app.rooms.length === 0);
  for (const room of [bosRoom, cysRoom]) room.close();
  const guests = [bos, cy];
  for (const { device, tab } of guests) {
    await until(() => tab.app.connection.status === 'connected');
    device.unplug();
    await until(() => tab.app.connection.status !== 'connected');
  }
  annsRoom.acts.redact(canaryIn(annsRoom)!);
  await until(() => messages(annsRoom)[0]?.redacted?.own === true && annsRoom.unsent === 0);
  for (const guest of guests) {
    await expect.poll(() => canaries(guest)).not.toEqual([]);
    guest.device.plugIn();
    await gone(guest);
  }
  await gone(anns);
  // What is left of the room is still there to be read without a line.
  cy.device.unplug();
  const again = cy.tab.app.openRoom(id);
  await until(() => messages(again).at(-1)?.body === 'after');
  again.close();
  // Closed to them by now, it leaves the device.
  await annsRoom.send(`the ${CANARY} again`);
  cy.device.plugIn();
  const open = cy.tab.app.openRoom(id);
  await until(() => canaryIn(open) !== undefined);
  open.close();
  cy.device.unplug();
  await expect.poll(() => canaries(cy)).not.toEqual([]);
  expect(await annsRoom.acts.setKind('private')).toMatchObject({ ok: true });
  await until(() => annsRoom.kind === 'private' && allArrived(annsRoom));
  cy.device.plugIn();
  await gone(cy);
});

test('[ERASE-23] a redaction on a sealed page empties the copies of those who do not look at it', async () => {
  const { server, anns, bos, id, annsRoom, bosRoom } = await setup();
  await annsRoom.send(`the ${CANARY} is out`);
  await Promise.all(Array.from({ length: 1_050 }, (_, number) => annsRoom.send(`message ${number}`)));
  await until(() => annsRoom.unsent === 0 && messages(bosRoom).at(-1)?.n === 1_051, 60_000);
  await until(() => canaryIn(bosRoom) !== undefined && canaryIn(annsRoom) !== undefined);
  bosRoom.close();
  await expect.poll(() => canaries(bos)).not.toEqual([]);
  annsRoom.acts.redact(canaryIn(annsRoom)!);
  await until(() => messages(annsRoom)[0]?.redacted?.own === true && allArrived(annsRoom));
  await gone(bos);
  await gone(anns);
  // The same at a cold start without a server: the place is there, the content is not.
  await server.stop();
  const again = bos.tab.app.openRoom(id);
  await until(() => again.timeline.length > 0);
  await until(() => {
    void again.loadOlder();
    return messages(again)[0]?.n === 1;
  });
  expect(messages(again)[0]).toMatchObject({ n: 1, body: '', redacted: { by: { name: 'ann' } } });
});

test('[ERASE-24] message deleted while queued is still sent: what is deleted while it waits never goes out', async () => {
  const { anns, bos, annsRoom, bosRoom } = await setup();
  anns.device.unplug();
  await annsRoom.send(`the ${CANARY} is out`);
  await annsRoom.send('after');
  annsRoom.acts.redact(canaryIn(annsRoom)!);
  await until(() => canaryIn(annsRoom) === undefined);
  await gone(anns);
  // Nor one that is deleted while it is being signed and written down.
  const sending = annsRoom.send(`the ${CANARY} again`);
  while (!canaryIn(annsRoom)) await Promise.resolve();
  expect(canaryIn(annsRoom)!.state).toBe('saving');
  await annsRoom.discard(canaryIn(annsRoom)!.id);
  await sending;
  anns.device.plugIn();
  await until(() => messages(bosRoom).length > 0 && allArrived(annsRoom) && annsRoom.unsent === 0);
  expect(messages(bosRoom).map(({ body, redacted }) => [body, redacted])).toEqual([['after', null]]);
  await gone(anns);
  await gone(bos);
});

test('[ERASE-26] what was erased with the account of its author says so, and names nobody else', async () => {
  const { server, anns, bos, annsRoom, bosRoom } = await setup();
  const bo = bos.tab.app.session.me!.id;
  await bosRoom.send(`from bo ${CANARY}`);
  await annsRoom.send('from ann');
  await until(() => messages(annsRoom).length === 2 && allArrived(annsRoom) && allArrived(bosRoom));
  await server.rooms.eraseMessagesOf(bo);
  await until(() => messages(annsRoom).some(({ redacted }) => redacted?.withAccount === true));
  const erased = messages(annsRoom).find(({ redacted }) => redacted !== null)!;
  expect(erased).toMatchObject({ body: '', author: { name: 'Deleted account', deleted: true }, own: false });
  await until(() => !anns.tab.app.rooms.some(({ preview }) => preview.includes(CANARY)));
  await gone(anns);
});
