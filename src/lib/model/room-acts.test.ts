import { expect, test } from 'vitest';
import type { Entry } from '#protocol/entry.ts';
import { fold } from '#protocol/fold.ts';
import type { RoomState } from '#protocol/room-state.ts';
import { ApiClient } from '../session/api-client.ts';
import type { MessageItem } from './timeline-item.ts';
import { People } from './people.svelte.ts';
import { RoomDeeds, type ActPayload } from './room-acts.svelte.ts';

const [ANN, BO, CY] = ['a', 'b', 'c'].map((letter) => `u${letter.repeat(22)}`) as [string, string, string];
const ROOM = 'r'.repeat(22);

/** Ann owns the room, Bo and Cy are members. */
function setup(me: string) {
  const people = new People();
  const written: ActPayload[] = [];
  const held: ActPayload[] = [];
  const calledBack: string[] = [];
  const asked: { path: string; init: RequestInit }[] = [];
  const acts = new RoomDeeds({
    room: ROOM,
    api: new ApiClient({
      fetch: async (path, init) => {
        asked.push({ path, init: init! });
        return Response.json({ id: 'A'.repeat(22) });
      }
    }),
    person: (id) => people.person(id),
    publicOrigin: () => 'https://roost.example',
    act: async (payload) => {
      written.push(payload);
      return { ok: true, value: undefined };
    },
    hold: async (payload) => {
      held.push(payload);
      return { ok: true, value: undefined };
    },
    callBack: async (id) => {
      calledBack.push(id);
    },
    messageOf: (id) => ({ id, type: 'message', author: ANN, sentAt: 1, body: 'rude' })
  });
  acts.update(roomState(), me);
  return { acts, written, held, calledBack, asked };
}

function roomState(): RoomState {
  const entries: Entry[] = [
    { id: 'entry-01', type: 'room', action: 'created', author: ANN, sentAt: 1, name: 'Crew', kind: 'private' },
    ...[BO, CY].flatMap((user, at): Entry[] => [
      { id: `invite-${at}`, type: 'membership', action: 'invited', author: ANN, sentAt: 2, user },
      { id: `joined-${at}`, type: 'membership', action: 'joined', author: user, sentAt: 3 }
    ])
  ];
  return entries.reduce<RoomState | null>((state, entry) => fold(state, entry), null)!;
}

const message = (author: string, n: number | null): MessageItem => ({
  ...{ kind: 'message', id: 'message-1', author: new People().person(author), own: author === BO, body: 'oops', n },
  ...{ action: false, sentAt: 1, arrivedAt: n, late: false, state: n === null ? 'kept' : 'arrived', failure: null },
  ...{ replyTo: null, redacted: null, versions: [], reactions: [], mentions: null, proof: 'signed' },
  ...{ attachments: [], poll: null, preview: null, forwarded: null }
});

test('[ACT-6] only what the role allows is offered', () => {
  const owner = setup(ANN).acts;
  const member = setup(BO).acts;
  for (const act of ['rename', 'kind', 'slow', 'delete', 'ban'] as const) {
    expect(owner.may(act)).toBe(true);
    expect(member.may(act)).toBe(false);
  }
  expect(member.may('invite')).toBe(true);
  expect(owner.mayTo('removed', BO)).toBe(true);
  expect(owner.mayTo('removed', ANN)).toBe(false);
  expect(owner.mayMake(BO, 'member')).toBe(false);
  expect(owner.mayMake(BO, 'moderator')).toBe(true);
  expect(member.mayTo('removed', CY)).toBe(false);
  expect(member.mayRedact(message(BO, 7))).toBe(true);
  expect(member.mayRedact(message(CY, 7))).toBe(false);
  expect(owner.mayRedact(message(CY, 7))).toBe(true);
});

test('[ACT-6] in a room that is closed or deleted nothing is offered', () => {
  const { acts } = setup(ANN);
  acts.update(null, ANN);
  expect(acts.may('rename')).toBe(false);
  expect(acts.mayTo('removed', BO)).toBe(false);
  acts.update({ ...roomState(), deleted: true }, ANN);
  expect(acts.may('rename')).toBe(false);
  expect(acts.mayRedact(message(BO, 7))).toBe(false);
});

test('[ACT-7] a removal is written at once, and once; while it waits it can be called back', () => {
  const { acts, written, held, calledBack } = setup(BO);
  acts.redact(message(BO, 7));
  acts.redact(message(BO, 7));
  expect(held).toEqual([{ type: 'redaction', target: 'message-1', of: BO }]);
  expect([...acts.redacting]).toEqual(['message-1']);
  acts.undoRedact('message-1');
  expect([calledBack, [...acts.redacting]]).toEqual([['message-1'], []]);

  acts.redact(message(BO, 7));
  acts.update(roomState(), BO, new Map([['message-1', null]]));
  expect([...acts.redacting]).toEqual(['message-1']);
  // Its time is over.
  acts.update(roomState(), BO);
  expect([...acts.redacting]).toEqual([]);
  expect(written).toEqual([]);
});

test('a picture goes to the server as it is, and its id into the entry', async () => {
  const { acts, written, asked } = setup(ANN);
  const picture = new Blob(['RIFF'], { type: 'image/webp' });
  await acts.setAvatar(picture);
  expect(asked).toMatchObject([{ path: '/api/avatars', init: { method: 'POST', body: picture } }]);
  expect(asked[0]!.init.headers).toEqual({ 'content-type': 'image/webp' });
  expect(written).toEqual([{ type: 'room', action: 'avatar', avatar: 'A'.repeat(22) }]);
  expect(await setup(BO).acts.setAvatar(picture)).toMatchObject({ ok: false, code: 'not-allowed' });
});

test('[REPORT-3] the words of a message go along with a report where nobody moderates, and nowhere else', async () => {
  const { acts, asked } = setup(BO);
  await acts.report('message-1', 'Rude.');
  const people = [ANN, BO].sort();
  const created: Entry = {
    id: 'entry-01',
    type: 'room',
    action: 'created',
    author: ANN,
    sentAt: 1,
    kind: 'direct',
    people
  };
  acts.update(fold(null, created), BO);
  await acts.report('message-1', 'Rude.');
  const message = { id: 'message-1', type: 'message', author: ANN, sentAt: 1, body: 'rude' };
  expect(asked.map(({ init }) => JSON.parse(init.body as string) as unknown)).toEqual([
    { entry: 'message-1', reason: 'Rude.' },
    { entry: 'message-1', reason: 'Rude.', message }
  ]);
});
