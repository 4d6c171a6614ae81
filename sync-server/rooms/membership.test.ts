import { expect, test } from 'vitest';
import { CLOSE } from '#protocol/close-codes.ts';
import type { RoomId, UserId } from '#protocol/ids.ts';
import { DocClient } from './testing/doc-client.ts';
import { RoomsSetup } from './testing/rooms-setup.ts';

/** What the person's lists were told of the room since. */
function listen(setup: RoomsSetup, user: UserId): { readonly told: string[] } {
  const told: string[] = [];
  setup.rooms.subscribe({
    changed: (who) => void (who === user && told.push('changed')),
    gone: (who) => void (who === user && told.push('gone')),
    read: () => undefined,
    receipt: () => undefined,
    pageChanged: () => undefined
  });
  return { told };
}

const membership = (setup: RoomsSetup, room: RoomId) => (author: UserId, action: string, user?: UserId) =>
  setup.rooms.append(setup.entry(author, { type: 'membership', action, ...(user && { user }) }), room);

test('[MEMBER-1] who is invited has the room in their list, may open it and join, and loses it with the invitation', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'private');
  const act = membership(setup, room);
  const { told } = listen(setup, bo);
  expect(await setup.rooms.joined(bo)).toEqual([]);
  expect(await new DocClient(bo, { room, page: 0 }).connect(setup.rooms)).toBe(CLOSE.forbidden);

  for (const end of ['revoked', 'declined', 'joined'] as const) {
    expect(await act(ann, 'invited', bo)).toBeNull();
    expect(told.splice(0)).toEqual(['changed']);
    const listed = { id: room, role: null, invitedBy: ann, unread: 0 };
    expect(await setup.rooms.joined(bo)).toMatchObject([listed]);
    expect(await setup.rooms.summary(bo, room)).toMatchObject(listed);
    const client = await setup.client(bo, room);
    expect(client.closedWith).toBeNull();
    await client.until(() => client.view.arrived.length > 0);
    client.append(setup.message(bo));
    await client.until(() => client.refusals.length === 1);
    expect(client.refusals[0]!.code).toBe('not-member');

    if (end === 'joined') {
      expect(await act(bo, 'joined')).toBeNull();
      expect(await setup.rooms.joined(bo)).toMatchObject([{ id: room, role: 'member', invitedBy: null }]);
      expect(client.closedWith).toBeNull();
      continue;
    }
    expect(await (end === 'revoked' ? act(ann, 'removed', bo) : act(bo, 'left'))).toBeNull();
    expect(told.at(-1)).toBe('gone');
    told.length = 0;
    await client.until(() => client.closedWith !== null);
    expect(client.closedWith).toBe(CLOSE.forbidden);
    expect([await setup.rooms.joined(bo), await setup.rooms.summary(bo, room)]).toEqual([[], null]);
    await setup.restart();
    expect(await setup.rooms.joined(bo)).toEqual([]);
    setup.rooms.subscribe({
      changed: (who) => void (who === bo && told.push('changed')),
      gone: (who) => void (who === bo && told.push('gone')),
      read: () => undefined,
      receipt: () => undefined,
      pageChanged: () => undefined
    });
  }
});

test('[MEMBER-2] who is banned is out at once, in public rooms too, and comes back by no link until let in', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo, carl] = [setup.user(), setup.user(), setup.user()];
  const room = await setup.room(ann, 'public', bo);
  const act = membership(setup, room);
  const [member, passerBy] = [await setup.client(bo, room), await setup.client(carl, room)];
  expect([await act(ann, 'banned', bo), await act(ann, 'banned', carl)]).toEqual([null, null]);
  await Promise.all([member, passerBy].map((client) => client.until(() => client.closedWith !== null)));
  expect([member.closedWith, passerBy.closedWith]).toEqual([CLOSE.forbidden, CLOSE.forbidden]);
  for (const round of ['live', 'from disk']) {
    for (const user of [bo, carl]) {
      expect(await new DocClient(user, { room, page: 0 }).connect(setup.rooms), round).toBe(CLOSE.forbidden);
      expect(await setup.rooms.joinByInvitation(room, user, ann), round).toBe('banned');
      expect(await setup.rooms.publicRooms(user), round).toEqual([]);
      expect(await setup.rooms.summary(user, room), round).toBeNull();
      expect(await act(user, 'joined'), round).toBe('banned');
      expect(await setup.rooms.append(setup.message(user), room), round).toBe('banned');
    }
    expect(await act(ann, 'invited', bo)).toBe('banned');
    await setup.restart();
  }
  expect(await act(ann, 'unbanned', bo)).toBeNull();
  expect(await setup.rooms.publicRooms(bo)).toMatchObject([{ id: room, role: null }]);
  expect(await setup.rooms.joinByInvitation(room, bo, ann)).toBeNull();
});

test('[MEMBER-3] a link gives the role that it was made with', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'private');
  expect(await setup.rooms.joinByInvitation(room, bo, ann, 'moderator')).toBeNull();
  expect(await setup.rooms.summary(bo, room)).toMatchObject({ role: 'moderator' });
  expect((await setup.rooms.headEntries(room)).at(-1)!.entry).toMatchObject({
    action: 'joined',
    author: bo,
    invitedBy: ann,
    role: 'moderator'
  });
});

test('[MEMBER-8] a link lets nobody in once its maker may not make it, not even at the same moment', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo, carl, dora, eve] = Array.from({ length: 5 }, () => setup.user()) as [
    string,
    string,
    string,
    string,
    string
  ];
  const room = await setup.room(ann, 'private', bo, carl);
  const act = membership(setup, room);
  // Each pair goes into one commit: the link was good when it was looked at.
  const [removed, byRemoved] = await Promise.all([
    act(ann, 'removed', bo),
    setup.rooms.joinByInvitation(room, dora, bo)
  ]);
  expect([removed, byRemoved]).toEqual([null, 'not-allowed']);
  const role = (user: string, given: 'owner' | 'member') =>
    setup.rooms.append(setup.entry(ann, { type: 'membership', action: 'role', user, role: given }), room);
  expect(await role(carl, 'owner')).toBeNull();
  const [demoted, byDemoted, asMember] = await Promise.all([
    role(ann, 'member'),
    setup.rooms.joinByInvitation(room, eve, ann, 'moderator'),
    setup.rooms.joinByInvitation(room, dora, ann)
  ]);
  expect([demoted, byDemoted, asMember]).toEqual([null, 'not-allowed', null]);
});

test('[MEMBER-4] a room that turns private ends the channels of all who are not in it', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo, carl] = [setup.user(), setup.user(), setup.user()];
  const room = await setup.room(ann, 'public', bo);
  const [member, passerBy] = [await setup.client(bo, room), await setup.client(carl, room)];
  expect(await setup.rooms.publicRooms(carl)).toHaveLength(1);
  await setup.rooms.append(setup.entry(ann, { type: 'room', action: 'kind', kind: 'private' }), room);
  await passerBy.until(() => passerBy.closedWith !== null);
  expect([passerBy.closedWith, member.closedWith]).toEqual([CLOSE.forbidden, null]);
  expect(await setup.rooms.publicRooms(carl)).toEqual([]);
  expect(await setup.rooms.summary(carl, room)).toBeNull();
});

test('[MEMBER-5] a deleted room is over for all: channels end, lists forget it, and its id is not made again', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo, carl, dora] = [setup.user(), setup.user(), setup.user(), setup.user()];
  const room = await setup.room(ann, 'public', bo);
  await membership(setup, room)(ann, 'invited', dora);
  const clients = [await setup.client(ann, room), await setup.client(bo, room), await setup.client(carl, room)];
  const lists = [ann, bo, dora].map((user) => listen(setup, user));
  expect(await setup.rooms.append(setup.entry(ann, { type: 'room', action: 'deleted' }), room)).toBeNull();
  await Promise.all(clients.map((client) => client.until(() => client.closedWith !== null)));
  expect(clients.map(({ closedWith }) => closedWith)).toEqual([CLOSE.forbidden, CLOSE.forbidden, CLOSE.forbidden]);
  expect(lists.map(({ told }) => told)).toEqual([['gone'], ['gone'], ['gone']]);
  for (const round of ['live', 'from disk']) {
    for (const user of [ann, bo, carl, dora]) {
      expect(await setup.rooms.joined(user), round).toEqual([]);
      expect(await setup.rooms.publicRooms(user), round).toEqual([]);
      expect(await setup.rooms.summary(user, room), round).toBeNull();
      expect(await new DocClient(user, { room, page: 0 }).connect(setup.rooms, { create: true })).toBe(CLOSE.forbidden);
    }
    expect(await setup.rooms.append(setup.message(ann), room), round).toBe('deleted');
    expect(await setup.rooms.append(setup.created(ann, 'public'), room), round).toBe('room-exists');
    expect(await setup.rooms.joinByInvitation(room, carl, ann), round).toBe('deleted');
    expect(await setup.rooms.findByName('Hallway'), round).toBeNull();
    await setup.restart();
  }
});

test('[MEMBER-6] who was removed or banned while offline adds nothing and lets nobody back in', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo, carl, dora] = [setup.user(), setup.user(), setup.user(), setup.user()];
  const room = await setup.room(ann, 'private', bo, carl);
  const act = membership(setup, room);
  await setup.rooms.append(setup.entry(ann, { type: 'membership', action: 'role', user: bo, role: 'moderator' }), room);
  const offline = await setup.client(bo, room);
  await offline.until(() => offline.view.arrived.length > 0);
  offline.disconnect();
  expect([await act(ann, 'removed', bo), await act(ann, 'banned', carl)]).toEqual([null, null]);
  offline.append(
    setup.message(bo),
    setup.entry(bo, { type: 'membership', action: 'unbanned', user: carl }),
    setup.entry(bo, { type: 'membership', action: 'invited', user: dora }),
    setup.entry(bo, { type: 'membership', action: 'joined' })
  );
  expect(await offline.connect(setup.rooms)).toBe(CLOSE.forbidden);
  // Nor over the channel of somebody who is still in, without a signature.
  const entries = offline.doc.getArray<{ author: string; id: string }>('messages').toArray();
  const inside = await setup.client(ann, room);
  inside.append(...(entries.filter(({ author }) => author === bo) as never[]));
  await inside.until(() => inside.refusals.length >= 4);
  expect(new Set(inside.refusals.map(({ code }) => code))).toEqual(new Set(['author']));
  const members = (await setup.rooms.members(ann, room))!.map(({ id }) => id);
  expect(members).toEqual([ann]);
});
