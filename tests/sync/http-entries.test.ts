// What is said over HTTP rather than over a line: the same checks, the same outcome.

import { generateKeyPairSync, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Entry } from '#protocol/entry.ts';
import { newEntryId, newRoomId } from '#protocol/ids.ts';
import { deviceId, fromBase64url, signedBytes } from '#protocol/signing.ts';
import { attachmentOf, messageWith, someBytes } from './file-client.ts';
import { setupFiles } from './files-fixture.ts';
import type { Person } from './http-fixture.ts';

async function setup() {
  const fixture = await setupFiles();
  const { ann, call, makeRoom } = fixture;
  const room = await makeRoom(ann, 'Harbour', 'private');
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'jwk' }).x!;
  const { cookie } = ann;
  expect((await call('POST', '/api/devices', { cookie, body: { publicKey: raw } })).status).toBe(200);
  const said = (more: object, { me }: Person = ann): Entry => ({
    id: newEntryId(Date.now()),
    type: 'message',
    author: me.id,
    sentAt: Date.now(),
    ...more
  });
  const signed = (more: object): Entry => {
    const entry = { ...said(more), device: deviceId(fromBase64url(raw)!) };
    return { ...entry, signature: sign(null, signedBytes(room, entry), privateKey).toString('base64url') };
  };
  const post = async (entry: unknown, who: Person = ann, into = room) => {
    const { status, body } = await call('POST', `/api/rooms/${into}/entries`, { ...who, body: { entry } });
    return status === 200 ? body : (body['code'] as string);
  };
  const there = async ({ id }: Entry): Promise<boolean> => (await fixture.rooms.authorOf(ann.me.id, room, id)) !== null;
  return { ...fixture, room, said, signed, post, there };
}

test('[SAY-1] what is said over HTTP stands in the room, once however often it comes', async () => {
  await using fixture = await setup();
  const { ann, room, signed, post, there, rooms } = fixture;
  const message = signed({ body: 'Low water at six' });
  const before = (await rooms.summary(ann.me.id, room))!.n;
  expect(await post(message)).toEqual({ outcome: 'there' });
  expect(await there(message)).toBe(true);
  expect(await post(message)).toEqual({ outcome: 'there' });
  expect((await rooms.summary(ann.me.id, room))!.n).toBe(before + 1);
  const edit = signed({ type: 'edit', target: message.id, body: 'Low water at seven' });
  expect(await post(edit)).toEqual({ outcome: 'there' });
  expect(await post(signed({ type: 'redaction', target: message.id, of: ann.me.id }))).toEqual({ outcome: 'there' });
});

test('[SAY-1] a message waits for its files here, too, and a bot need not sign', async () => {
  await using fixture = await setup();
  const { ann, anns, room, signed, said, call, post, issueToken } = fixture;
  const bytes = someBytes();
  const message = signed(messageWith(attachmentOf(bytes)));
  expect(await post(message)).toEqual({ outcome: 'refused', code: 'attachment' });
  await anns.upload(bytes);
  expect(await post(message)).toEqual({ outcome: 'there' });
  const token = await issueToken(ann);
  const answer = await call('POST', `/api/rooms/${room}/entries`, {
    token,
    body: { entry: said({ body: 'By a bot' }) }
  });
  expect(answer.body).toEqual({ outcome: 'there' });
});

test('[SAY-2] in one’s own name, signed, and of what is said alone', async () => {
  await using fixture = await setup();
  const { bo, signed, said, post, there } = fixture;
  const refused = (code: string) => ({ outcome: 'refused', code });
  const message = signed({ body: 'Low water at six' });
  expect(await post(said({ body: 'By whom?' }))).toEqual(refused('unsigned'));
  expect(await post({ ...message, body: 'High water' })).toEqual(refused('signature'));
  expect(await post(signed({ body: 'As Bo', author: bo.me.id }))).toEqual(refused('author'));
  expect(await post(signed({ type: 'membership', action: 'left' }))).toEqual(refused('not-allowed'));
  expect(await post(signed({ type: 'room', action: 'renamed', name: 'Quay' }))).toEqual(refused('not-allowed'));
  expect(await post({})).toMatchObject({ outcome: 'refused' });
  expect(await post('not an entry')).toBe('bad-request');
  expect(await there(message)).toBe(false);
});

test('[SAY-1] what a line does not take is not taken here: what the server alone writes, the future, what is no entry', async () => {
  await using fixture = await setup();
  const { ann, signed, said, call, post, room, issueToken, rooms } = fixture;
  const refused = (code: string) => ({ outcome: 'refused', code });
  const n = (await rooms.summary(ann.me.id, room))!.n;
  const state = { name: 'Quay', topic: '', kind: 'private', createdBy: ann.me.id, createdAt: 1, members: {} };
  const more = { invited: {}, banned: {}, avatar: null, slowSeconds: 0, deleted: false, membersElided: 0 };
  expect(await post(signed({ type: 'snapshot', state: { ...state, ...more } }))).toEqual(refused('reserved'));
  expect(await post(signed({ body: 'Soon', sentAt: Date.now() + 600_000 }))).toEqual(refused('clock'));
  expect(await post(said({ body: 'Old', author: '~Ann' }))).toEqual(refused('author'));
  expect(await post(said({ body: '\ud800' }))).toEqual(refused('schema'));
  expect(await post(said({ type: 'novel', '\ud800': 1 }))).toEqual(refused('schema'));
  expect(await post(said({ type: 'novel', text: 'x'.repeat(60_000) }))).toEqual(refused('too-large'));
  expect(await post(said({ type: 'novel', text: 'x'.repeat(70_000) }))).toBe('too-large');
  const token = await issueToken(ann);
  const send = (entry: unknown) => call('POST', `/api/rooms/${room}/entries`, { token, body: { entry } });
  const deep = `{"entry":{"type":"novel","deep":${'['.repeat(30_000)}${']'.repeat(30_000)}}}`;
  expect((await call('POST', `/api/rooms/${room}/entries`, { token, body: deep })).body).toEqual(refused('schema'));
  expect((await send(said({ body: 'Soon', sentAt: Date.now() + 600_000 }))).body).toEqual(refused('clock'));
  expect((await send(said({ body: 'As a device', device: 'd'.repeat(22) }))).body).toEqual(refused('schema'));
  expect((await rooms.summary(ann.me.id, room))!.n).toBe(n);
});

test('[SAY-1] slow mode holds over HTTP, too, and a device that is revoked says nothing more', async () => {
  await using fixture = await setup();
  const { ann, bo, call, room, said, signed, post, rooms, issueToken } = fixture;
  const token = await issueToken(bo);
  const send = async (entry: unknown) =>
    (await call('POST', `/api/rooms/${room}/entries`, { token, body: { entry } })).body;
  const at = () => ({ id: newEntryId(Date.now()), author: ann.me.id, sentAt: Date.now() });
  await rooms.append({ ...at(), type: 'membership', action: 'invited', user: bo.me.id }, room);
  expect(await send(said({ body: 'Not in yet' }, bo))).toEqual({ outcome: 'refused', code: 'not-member' });
  await rooms.append({ ...at(), author: bo.me.id, type: 'membership', action: 'joined' }, room);
  await rooms.append({ ...at(), type: 'room', action: 'slow', seconds: 60 }, room);
  const first = said({ body: 'One' }, bo);
  expect(await send(first)).toEqual({ outcome: 'there' });
  expect(await send(said({ body: 'Two' }, bo))).toEqual({ outcome: 'refused', code: 'slow' });
  expect(await send(first)).toEqual({ outcome: 'there' });
  await rooms.append({ ...at(), type: 'membership', action: 'banned', user: bo.me.id }, room);
  expect(await send(said({ body: 'Three' }, bo))).toMatchObject({ code: 'room-banned' });

  const anns = await issueToken(ann);
  const late = signed({ body: 'From a lost device' });
  await call('DELETE', '/api/session', { cookie: ann.cookie });
  expect(await post(late)).toBe('signed-out');
  const answer = await call('POST', `/api/rooms/${room}/entries`, { token: anns, body: { entry: late } });
  expect(answer.body).toEqual({ outcome: 'refused', code: 'signature' });
});

test('[SAY-2] a room that is closed to somebody looks like one that is not there', async () => {
  await using fixture = await setup();
  const { bo, said, post } = fixture;
  const message = said({ body: 'Let me in' }, bo);
  expect(await post(message, bo)).toBe('not-found');
  expect(await post(message, bo, newRoomId())).toBe('not-found');
  expect(await post(message, bo, 'no room')).toBe('not-found');
});
