// What people do in and to rooms, by the whole client: direct rooms, roles, bans, acts that come too late.

import { expect, test } from 'vitest';
import { directRoomId } from '#protocol/direct-room.ts';
import type { RoomModel } from '../../src/lib/model/room-model.ts';
import type { SystemItem } from '../../src/lib/model/timeline-item.ts';
import { allArrived, bodies, until } from './client-fixture.ts';
import { DONE, offline, shareRoom, startServer, takeSeats, type Seat } from './seats.ts';

async function setup<Names extends readonly string[]>(...names: Names) {
  const server = await startServer();
  return { server, seats: await takeSeats(server, ...names) };
}

const open = ({ tab }: Seat, room: string): RoomModel => tab.app.openRoom(room);
const lines = (room: RoomModel): SystemItem[] => room.timeline.filter((item) => item.kind === 'system');

/** A public room of the first, which the others have joined, open in front of each, who all know of each other. */
async function together<Seats extends readonly Seat[]>(...seats: Seats) {
  const { seats: inRoom } = await shareRoom(seats);
  await until(() => inRoom[0]!.room.members.length === seats.length);
  return inRoom;
}

test('[DIRECT-1] both write to each other offline at once: one room, nothing failed, both messages in it', async () => {
  const { seats } = await setup('ann', 'bo');
  const [ann, bo] = seats;
  await Promise.all([offline(ann), offline(bo)]);
  const ids = [await ann.tab.app.openDirect([bo.account.id]), await bo.tab.app.openDirect([ann.account.id])];
  expect(ids).toEqual(Array(2).fill(directRoomId(ann.account.id, bo.account.id)));
  const [anns, bos] = [open(ann, ids[0]!), open(bo, ids[1]!)];
  await anns.send('from ann');
  await bos.send('from bo');
  expect(anns.kind).toBe('direct');
  ann.device.plugIn();
  bo.device.plugIn();
  await until(() => bodies(anns).length === 2 && bodies(bos).length === 2 && allArrived(anns) && allArrived(bos));
  expect(bodies(anns)).toEqual(bodies(bos));
  await until(() => anns.name === 'bo' && bos.name === 'ann');
  expect(lines(anns).map(({ icon }) => icon)).toEqual(['created']);
  expect([anns.unsent, bos.unsent]).toEqual([0, 0]);
  for (const { tab } of seats) {
    await until(() => tab.app.rooms.length === 1);
    expect(tab.app.connection).toMatchObject({ failed: 0 });
  }
});

test('[DIRECT-2] the direct room of two is the same ever after, a group is new each time', async () => {
  const { seats } = await setup('ann', 'bo', 'cy');
  const [ann, bo, cy] = seats;
  const id = await ann.tab.app.openDirect([bo.account.id]);
  expect(await ann.tab.app.openDirect([bo.account.id])).toBe(id);
  await until(() => bo.tab.app.rooms.some((room) => room.id === id));
  expect(await bo.tab.app.openDirect([ann.account.id])).toBe(id);

  const people = [bo.account.id, cy.account.id];
  const group = await ann.tab.app.openDirect(people);
  expect(await ann.tab.app.openDirect(people)).not.toBe(group);
  await until(() => cy.tab.app.rooms.length === 2);
  const room = open(cy, group);
  await until(() => room.kind === 'group' && room.members.length === 3);
  await until(
    () =>
      room.about.others
        .map(({ name }) => name)
        .sort()
        .join() === 'ann,bo'
  );
  expect(room.acts.may('invite')).toBe(false);
  expect(await room.acts.rename('Ours')).toMatchObject({ ok: false, code: 'not-allowed' });
  expect(await room.acts.leave()).toEqual(DONE);
  await until(() => cy.tab.app.rooms.length === 1);
});

test('[ACT-1] an act made offline shows at once as pending, arrives later, and is the same for all', async () => {
  const { seats } = await setup('ann', 'bo');
  const [ann, bo] = seats;
  const [{ room: anns }, { room: bos }] = await together(ann, bo);
  await offline(ann);
  expect(await anns.acts.setRole(bo.account.id, 'moderator')).toEqual(DONE);
  expect(await anns.acts.setTopic('Low water')).toEqual(DONE);
  expect(await anns.acts.setSlow(60)).toEqual(DONE);
  expect(anns.members.find(({ isMe }) => !isMe)?.role).toBe('moderator');
  expect(lines(anns).slice(-3)).toMatchObject([{ state: 'kept' }, { state: 'kept' }, { state: 'kept' }]);
  expect(bos.role).toBe('member');
  ann.device.plugIn();
  await until(() => bos.role === 'moderator' && bos.topic === 'Low water' && bos.about.slowSeconds === 60);
  expect(bos.acts.may('ban')).toBe(true);
  expect(bos.about.writesAgainAt).toBeNull();
});

test('[ACT-2] an offline act that is refused on arrival says why, and what was written after it arrives', async () => {
  const { seats } = await setup('ann', 'bo', 'cy');
  const [ann, bo, cy] = seats;
  const [{ room: anns }, { room: bos }] = await together(ann, bo, cy);
  expect(await anns.acts.setRole(bo.account.id, 'moderator')).toEqual(DONE);
  await until(() => bos.role === 'moderator');
  await offline(bo);
  expect(await bos.acts.remove(cy.account.id)).toEqual(DONE);
  await bos.send('and the tide turns');
  expect(await anns.acts.setRole(bo.account.id, 'member')).toEqual(DONE);
  await until(() => anns.unsent === 0);
  bo.device.plugIn();
  await until(() => bodies(anns).includes('and the tide turns'));
  await until(() => bos.timeline.some(({ state }) => state === 'failed'));
  const failed = lines(bos).filter(({ state }) => state === 'failed');
  expect(failed).toMatchObject([{ icon: 'removed', failure: 'Your role in this room does not allow this.' }]);
  expect(anns.members).toHaveLength(3);
  await until(() => bos.members.length === 3);
  await bos.discard(failed[0]!.id);
  await until(() => bos.unsent === 0);
});

test('[ACT-3] who was removed while offline adds nothing and lets nobody back in', async () => {
  const { seats } = await setup('ann', 'bo', 'cy');
  const [ann, bo, cy] = seats;
  const [{ room: anns }, { room: bos }] = await together(ann, bo);
  expect(await anns.acts.setKind('private')).toEqual(DONE);
  expect(await anns.acts.setRole(bo.account.id, 'moderator')).toEqual(DONE);
  await until(() => bos.role === 'moderator');
  await offline(bo);
  expect(await bos.acts.invite(cy.account.id)).toEqual(DONE);
  await bos.send('still here');
  expect(await anns.acts.remove(bo.account.id)).toEqual(DONE);
  await until(() => anns.members.length === 1 && anns.unsent === 0);
  bo.device.plugIn();
  await until(() => bos.timeline.filter(({ state }) => state === 'failed').length === 2);
  expect(bodies(anns)).toEqual([]);
  expect(anns.about.invited).toEqual([]);
  expect(cy.tab.app.invitations).toEqual([]);
});

test('[ACT-4] who is banned cannot come back before the ban is lifted', async () => {
  const { seats } = await setup('ann', 'bo');
  const [ann, bo] = seats;
  const [{ room: anns }, { room: bos }] = await together(ann, bo);
  expect(anns.acts.mayTo('banned', bo.account.id)).toBe(true);
  expect(await anns.acts.ban(bo.account.id)).toEqual(DONE);
  await until(() => bo.tab.app.rooms.length === 0);
  expect(anns.about.banned.map(({ person }) => person.id)).toEqual([bo.account.id]);
  await bo.tab.app.join(anns.id);
  await until(() => lines(bos).some(({ state }) => state === 'failed'));
  const failed = lines(bos).find(({ state }) => state === 'failed')!;
  expect(failed).toMatchObject({ icon: 'joined', failure: 'This was not done, because of a ban in this room.' });
  expect(anns.members).toHaveLength(1);

  expect(await anns.acts.unban(bo.account.id)).toEqual(DONE);
  await until(() => anns.about.banned.length === 0 && anns.unsent === 0);
  await bos.retry(failed.id);
  await until(() => anns.members.length === 2);
});

test('[ACT-5] a room is handed over: the other owns it, oneself is a member, in that order', async () => {
  const { seats } = await setup('ann', 'bo');
  const [ann, bo] = seats;
  const [{ room: anns }, { room: bos }] = await together(ann, bo);
  expect(bos.acts.mayHandOver(ann.account.id)).toBe(false);
  expect(await bos.acts.handOver(ann.account.id)).toMatchObject({ ok: false, code: 'not-allowed' });
  await offline(ann);
  expect(await anns.acts.handOver(bo.account.id)).toEqual(DONE);
  expect(anns.role).toBe('member');
  ann.device.plugIn();
  await until(() => bos.role === 'owner' && anns.unsent === 0);
  expect(bos.members.find(({ isMe }) => !isMe)?.role).toBe('member');
});

test('[INVITED-1] who is invited sees by whom, and joins or declines, offline too', async () => {
  const { seats } = await setup('ann', 'bo');
  const [ann, bo] = seats;
  const invite = async (name: string): Promise<RoomModel> => {
    const room = open(ann, await ann.tab.app.createRoom(name, 'private'));
    await until(() => room.acts.mayInvite(bo.account.id));
    expect(await room.acts.invite(bo.account.id)).toEqual(DONE);
    return room;
  };
  const [joined, declined] = [await invite('Committee'), await invite('Bilge')];
  await until(() => bo.tab.app.invitations.length === 2);
  expect(bo.tab.app.invitations.every(({ by }) => by.id === ann.account.id)).toBe(true);
  expect(bo.tab.app.rooms).toEqual([]);
  await offline(bo);
  await bo.tab.app.join(joined.id);
  await bo.tab.app.decline(declined.id);
  await until(() => bo.tab.app.invitations.length === 0);
  expect(bo.tab.app.rooms.map(({ name }) => name)).toEqual(['Committee']);
  bo.device.plugIn();
  const again: string[] = [];
  await until(() => {
    again.push(...bo.tab.app.invitations.map(({ name }) => name));
    return joined.members.length === 2 && declined.about.invited.length === 0;
  });
  expect(again, 'what was answered is asked once').toEqual([]);
  expect(declined.members).toHaveLength(1);
  expect(bo.tab.app.invitations).toEqual([]);
});

test('[OUTBOX-13] what slow mode does not take yet waits for its turn: all arrive, in order, and nothing has failed', async () => {
  const { seats } = await setup('ann', 'bo');
  const [ann, bo] = seats;
  const [{ room: anns }, { room: bos }] = await together(ann, bo);
  expect(await anns.acts.setSlow(1)).toEqual(DONE);
  await until(() => bos.about.slowSeconds === 1);
  await offline(bo);
  await bo.tab.run(async () => {
    for (const body of ['one', 'two', 'three']) await bos.send(body);
  });
  bo.device.plugIn();
  const failed: string[] = [];
  await until(() => {
    for (const item of bos.timeline) if (item.state === 'failed') failed.push(item.id);
    return bos.unsent === 0 && bodies(anns).length === 3;
  }, 30_000);
  expect(failed).toEqual([]);
  expect(bodies(anns)).toEqual(['one', 'two', 'three']);
  expect(bodies(bos)).toEqual(['one', 'two', 'three']);
});
