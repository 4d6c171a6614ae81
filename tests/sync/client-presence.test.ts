// Whether people are here, as others see it who have another room open.

import { expect, onTestFinished, test } from 'vitest';
import { isTyping } from '#protocol/presence.ts';
import { eventually } from '../eventually.ts';
import { TestDevice, until, type TestTab } from './client-fixture.ts';
import { TestServer, type TestAccount } from './server-fixture.ts';
import { Stock } from './stock.ts';

interface Seat {
  readonly account: TestAccount;
  readonly tab: TestTab;
}

async function seat(server: TestServer, name: string): Promise<Seat> {
  const account = await server.account(name);
  const device = new TestDevice(server.url, { locks: true });
  onTestFinished(() => device.close());
  const tab = await device.tab();
  await tab.app.session.signIn(name, account.password);
  return { account, tab };
}

test('[PRES-11] a person is here for whoever could open the room that they have open, and for nobody else', async () => {
  const server = await TestServer.start();
  onTestFinished(() => server[Symbol.asyncDispose]());
  const [ann, bo, cy] = [await seat(server, 'ann'), await seat(server, 'bo'), await seat(server, 'cy')];
  const presence = ({ tab }: Seat, of: Seat) => tab.app.presenceOf(of.account.id);
  const quay = await ann.tab.app.createRoom('Quay', 'private');
  const anns = ann.tab.app.openRoom(quay);
  await until(() => anns.unsent === 0 && anns.role === 'owner');
  expect(await anns.acts.invite(bo.account.id)).toMatchObject({ ok: true });
  await until(() => bo.tab.app.invitations.length === 1);

  // Bo looks at another room than Ann, and Cy at none: Ann is here for Bo, who may open hers, and not for Cy.
  const notes = await bo.tab.app.createRoom('Notes', 'private');
  const bos = bo.tab.app.openRoom(notes);
  await until(() => bos.unsent === 0 && bos.role === 'owner');
  await until(() => presence(bo, ann) === 'here');
  await until(() => presence(cy, ann) !== null);
  expect(presence(cy, ann)).toBe('gone');
  await until(() => presence(ann, bo) !== null);
  expect(presence(ann, bo), 'in a room of his own').toBe('gone');

  const ask = async (who: Seat, users: string) => {
    const answer = await server.fetch(`/api/present?users=${users}`, who.account);
    return (await answer.json()) as unknown;
  };
  const [a, b] = [ann.account.id, bo.account.id];
  await eventually(async () => expect(await ask(bo, `${a},${b}`)).toEqual({ here: [a, b], away: [] }));
  expect(await ask(cy, `${a},${b},nobody`)).toEqual({ here: [], away: [] });
  expect((await server.fetch(`/api/present?users=${a}`, null)).status).toBe(401);
  anns.close();
  await eventually(async () => expect(await ask(bo, a)).toEqual({ here: [], away: [] }));
});

test('[PRES-12] [PRES-14] who closes the app is gone within moments and was seen then, unless they keep that back', async () => {
  const server = await TestServer.start();
  onTestFinished(() => server[Symbol.asyncDispose]());
  const [ann, bo] = [await seat(server, 'ann'), await seat(server, 'bo')];
  const direct = await ann.tab.app.openDirect([bo.account.id]);
  const room = ann.tab.app.openRoom(direct);
  await room.send('hello');
  await until(() => room.unsent === 0);
  // Bo has no room open at all.
  await until(() => ann.tab.app.presenceOf(bo.account.id) === 'here');
  const before = Date.now();
  bo.tab.close();
  await until(() => ann.tab.app.presenceOf(bo.account.id) === 'gone');
  const seenAt = ann.tab.app.lastSeenOf(bo.account.id);
  expect(seenAt).toBeGreaterThanOrEqual(before);
  expect(seenAt).toBeLessThanOrEqual(Date.now());
  ann.tab.app.privacy.set('lastSeen', false);
  expect(ann.tab.app.lastSeenOf(bo.account.id)).toBeNull();
  await until(() => !server.core.privacy.of(ann.account.id).lastSeen);
});

test('[PRIV-3] who keeps back that they type is told of as not typing, whatever client they write with, and hears of nobody', async () => {
  const server = await TestServer.start();
  onTestFinished(() => server[Symbol.asyncDispose]());
  const ann = await seat(server, 'ann');
  const bo = await server.account('bo');
  const room = await ann.tab.app.createRoom('Quay', 'public');
  const open = ann.tab.app.openRoom(room);
  await until(() => open.unsent === 0 && open.role === 'owner');
  ann.tab.app.privacy.set('typing', false);
  await until(() => !server.core.privacy.of(ann.account.id).typing);

  const [anns, bos] = [new Stock(server, ann.account, room), new Stock(server, bo, room)];
  await Promise.all([anns.synced(), bos.synced()]);
  const stateOf = (of: Stock, by: Stock) => by.provider.awareness.getStates().get(of.doc.clientID);
  for (const { provider } of [anns, bos]) provider.awareness.setLocalState({ status: 'here', typing: true });
  // Before that each was here with nothing said.
  await until(() => [stateOf(anns, bos), stateOf(bos, anns)].every((state) => state?.['status'] === 'here'));
  expect(stateOf(anns, bos)).toEqual({ status: 'here', user: { id: ann.account.id } });
  expect(stateOf(bos, anns)).toEqual({ status: 'here', user: { id: bo.id } });
  ann.tab.app.privacy.set('typing', true);
  await until(() => isTyping(stateOf(anns, bos)) && isTyping(stateOf(bos, anns)));
});
