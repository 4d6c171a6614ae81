import { expect, test } from 'vitest';
import type { MemberInfo } from '#protocol/api/room.ts';
import type { RoomState } from '#protocol/room-state.ts';
import type { ApiClient } from '../session/api-client.ts';
import type { PersonView } from './person-view.ts';
import { PeopleOfRoom } from './room-people.svelte.ts';

const STATE = { members: { ann: { role: 'owner' } }, membersElided: 1 } as unknown as RoomState;
const BO = { id: 'bo', role: 'member' } as unknown as MemberInfo;

/** A room whose state leaves members out, and a server that can be reached or not. */
function setup() {
  let reached = false;
  let asked = 0;
  const api = {
    get: () => {
      asked += 1;
      return Promise.resolve(reached ? { ok: true, value: [BO] } : { ok: false, code: 'offline', message: '' });
    }
  } as unknown as ApiClient;
  const person = (id: string) => ({ id, name: id }) as PersonView;
  const people = new PeopleOfRoom({ room: 'r', api, person, sharesTyping: () => true });
  return { people, asked: () => asked, reach: () => (reached = true) };
}

test('members that the state leaves out are asked for once with each line, however much happens meanwhile', async () => {
  const { people, asked, reach } = setup();
  people.update(STATE, null, 'ann');
  await Promise.resolve();
  for (let entries = 0; entries < 5; entries += 1) {
    people.update(STATE, null, 'ann');
    await Promise.resolve();
  }
  expect(asked()).toBe(1);
  reach();
  people.lineUp();
  await expect.poll(() => people.members.map(({ person }) => person.id)).toContain('bo');
  people.update(STATE, null, 'ann');
  expect(asked()).toBe(2);
});
