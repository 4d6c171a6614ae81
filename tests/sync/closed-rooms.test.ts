// What people are told of a room that is closed to them: who could open it once, why; strangers, nothing.

import { expect, test } from 'vitest';
import type { Invitation } from '#protocol/api/invitation.ts';
import { newRoomId } from '#protocol/ids.ts';
import { PASSWORD, setupHttp, type Person } from './http-fixture.ts';

/** Ann owns the private room Crew and the public room Quay; Bo is in both. Cy is in neither. */
async function setupClosed() {
  const fixture = await setupHttp();
  const { append, call } = fixture;
  const ad = await fixture.setUp('Ad');
  const [ann, bo, cy] = [await fixture.signUp('Ann'), await fixture.signUp('Bo'), await fixture.signUp('Cy')];
  const crew = await fixture.makeRoom(ann, 'Crew', 'private');
  const quay = await fixture.makeRoom(ann, 'Quay', 'public');
  const act = (room: string, by: Person, action: string, user?: Person) =>
    append(room, by.me.id, { type: 'membership', action, ...(user && { user: user.me.id }) });
  await act(crew, ann, 'invited', bo);
  for (const room of [crew, quay]) await act(room, bo, 'joined');
  const ask = async (person: Person, room: string) => {
    const { status, headers, text } = await call('GET', `/api/rooms/${room}`, { cookie: person.cookie });
    const shown = [...headers].filter(([name]) => name !== 'date').map(([name, value]) => `${name}: ${value}`);
    return { status, headers: shown.sort().join('\n'), body: text };
  };
  const code = async (person: Person, room: string) => {
    const { status, body } = await ask(person, room);
    return status === 200 ? 'open' : (JSON.parse(body) as { code: string }).code;
  };
  const remove = (room: string) => append(room, ann.me.id, { type: 'room', action: 'deleted' });
  return { ...fixture, ad, ann, bo, cy, crew, quay, act, ask, code, remove };
}

test('[ROOM-CLOSED-2] who was removed or banned is told so, as long as it is so', async () => {
  await using fixture = await setupClosed();
  const { ann, bo, crew, quay, act, code } = fixture;
  await act(crew, ann, 'removed', bo);
  expect(await code(bo, crew)).toBe('room-removed');
  await act(crew, ann, 'banned', bo);
  expect(await code(bo, crew)).toBe('room-banned');
  await act(crew, ann, 'unbanned', bo);
  expect(await code(bo, crew)).toBe('room-removed');
  await act(crew, ann, 'invited', bo);
  expect(await code(bo, crew)).toBe('open');
  await act(crew, ann, 'removed', bo);
  expect(await code(bo, crew), 'an invitation that was taken back').toBe('room-removed');

  await act(quay, ann, 'removed', bo);
  expect(await code(bo, quay), 'anybody may look at it').toBe('open');
  await act(quay, ann, 'banned', bo);
  expect(await code(bo, quay)).toBe('room-banned');
});

test('[ROOM-CLOSED-2] who was in a deleted room is told so, its owner too', async () => {
  await using fixture = await setupClosed();
  const { ann, bo, cy, crew, code, remove } = fixture;
  await remove(crew);
  expect([await code(ann, crew), await code(bo, crew)]).toEqual(['room-deleted', 'room-deleted']);
  expect(await code(cy, crew)).toBe('not-found');
});

test('[ROOM-CLOSED-3] strangers see what they see of a room that is not there, in every byte', async () => {
  await using fixture = await setupClosed();
  const { ann, bo, cy, crew, quay, act, ask, remove } = fixture;
  const absent = await ask(cy, newRoomId());
  expect(await ask(cy, crew)).toEqual(absent);
  await act(crew, ann, 'banned', cy);
  expect(await ask(cy, crew), 'banned from a room that they never could open').toEqual(absent);
  await act(crew, bo, 'left');
  expect((await ask(bo, crew)).body, 'who went by themselves').toBe(absent.body);
  await remove(crew);
  await remove(quay);
  for (const person of [cy, bo]) expect((await ask(person, crew)).body).toBe(absent.body);
  expect(await ask(cy, quay)).toEqual(absent);
});

test('[ROOM-CLOSED-4] an invitation tells who holds it that its room was deleted, or that they were banned', async () => {
  await using fixture = await setupClosed();
  const { ann, bo, cy, crew, act, call, remove } = fixture;
  const link = (await call('POST', `/api/rooms/${crew}/invitations`, { cookie: ann.cookie, body: {} }))
    .body as unknown as Invitation;
  const body = { secret: link.secret };
  const accept = async ({ cookie }: Person) =>
    (await call('POST', '/api/invitations/accept', { cookie, body })).body['code'];
  await act(crew, ann, 'banned', bo);
  await act(crew, ann, 'banned', cy);
  expect([await accept(bo), await accept(cy)]).toEqual(['room-banned', 'room-banned']);
  await remove(crew);
  expect(await accept(cy)).toBe('room-deleted');
  expect((await call('POST', '/api/invitations/lookup', { body })).body['code']).toBe('room-deleted');
});

test('[ROOM-CLOSED-3] what tells who is a stranger goes with the account', async () => {
  await using fixture = await setupClosed();
  const { ann, bo, crew, act, call, server } = fixture;
  const kept = async () => {
    const keys: string[] = [];
    for await (const [key] of server.core.store.kv.range({ gte: 'left/', lt: 'left0' })) keys.push(key);
    return keys;
  };
  await act(crew, ann, 'removed', bo);
  expect(await kept()).toEqual([`left/${bo.me.id}/${crew}`]);
  const answer = await call('DELETE', '/api/account', {
    cookie: bo.cookie,
    body: { password: PASSWORD, messages: false }
  });
  expect(answer.status).toBe(204);
  expect(await kept()).toEqual([]);
});
