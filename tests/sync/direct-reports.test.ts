// Reports out of conversations that have no moderators: who sees them, with what, and what becomes of the words.

import { expect, test } from 'vitest';
import type { AdminReport } from '#protocol/api/admin.ts';
import { directRoomId } from '#protocol/direct-room.ts';
import type { Entry } from '#protocol/entry.ts';
import { newEntryId, newRoomId } from '#protocol/ids.ts';
import { PASSWORD, setupHttp, type Person } from './http-fixture.ts';

const CANARY = 'the words that hurt';

/** Ad administers. Ann and Bo have a conversation, and a group with Cy. */
async function setupDirect() {
  const fixture = await setupHttp();
  const { call, rooms } = fixture;
  const ad = await fixture.setUp('Ad');
  const [ann, bo, cy] = [await fixture.signUp('Ann'), await fixture.signUp('Bo'), await fixture.signUp('Cy')];
  const direct = directRoomId(ann.me.id, bo.me.id);
  const group = newRoomId();
  const write = async (room: string, author: Person, content: object): Promise<Entry> => {
    const sentAt = Date.now();
    const entry = { id: newEntryId(sentAt), author: author.me.id, sentAt, ...content } as Entry;
    expect(await rooms.append(entry, room)).toBeNull();
    return entry;
  };
  const among = (kind: string, ...people: Person[]) => ({
    ...{ type: 'room', action: 'created', kind },
    people: people.map(({ me }) => me.id).sort()
  });
  await write(direct, ann, among('direct', ann, bo));
  await write(group, ann, among('group', ann, bo, cy));
  const as = (person: Person, method: string, path: string, body?: unknown) =>
    call(method, path, { cookie: person.cookie, ...(body !== undefined && { body }) });
  const say = (room: string, author: Person, body = CANARY) => write(room, author, { type: 'message', body });
  const report = (person: Person, room: string, body: unknown) =>
    as(person, 'POST', `/api/rooms/${room}/reports`, body);
  const list = async (state: 'open' | 'settled' = 'open') =>
    JSON.parse((await as(ad, 'GET', `/api/admin/reports?state=${state}`)).text) as AdminReport[];
  const stored = async (text: string): Promise<boolean> => {
    for await (const [, value] of fixture.server.core.store.kv.range({ gte: 'report', lt: 'report~' })) {
      if (Buffer.from(value).includes(text)) return true;
    }
    return false;
  };
  return { ...fixture, ad, ann, bo, cy, direct, group, as, say, report, list, stored };
}

test('[REPORT-3] what is reported in a conversation goes to the administrators alone, with its words as they were sent', async () => {
  await using fixture = await setupDirect();
  const { ann, bo, cy, direct, group, as, say, report, list, pass } = fixture;
  const message = await say(direct, ann);
  expect((await report(bo, direct, { entry: message.id, reason: 'x', message })).status).toBe(204);
  expect((await report(bo, direct, { entry: message.id, reason: ' Threats. ', message })).status, 'again').toBe(204);
  expect((await report(cy, direct, { entry: message.id, reason: 'x', message })).body).toMatchObject({ status: 404 });
  pass(10);
  const other = await say(group, ann, 'rude');
  expect((await report(cy, group, { entry: other.id, reason: 'Rude.' })).status, 'without its words').toBe(204);

  expect(await list()).toMatchObject([
    { room: group, kind: 'group', by: cy.me.id, of: ann.me.id, reason: 'Rude.', body: null },
    { room: direct, kind: 'direct', by: bo.me.id, of: ann.me.id, reason: 'Threats.', body: CANARY, settled: null }
  ]);
  for (const person of [ann, bo, cy]) {
    expect((await as(person, 'GET', '/api/admin/reports')).body).toMatchObject({ code: 'forbidden' });
    expect((await as(person, 'GET', `/api/rooms/${group}/reports`)).body).toMatchObject({ code: 'forbidden' });
  }
});

test('[REPORT-4] nobody puts words into another’s mouth: only the very message is taken', async () => {
  await using fixture = await setupDirect();
  const { ann, bo, direct, say, report, list } = fixture;
  const message = await say(direct, ann);
  const other = await say(direct, ann, 'something else');
  for (const forged of [
    { ...message, body: 'I will find you' },
    { ...message, author: bo.me.id },
    { ...message, sentAt: 1 },
    other,
    { ...message, more: true },
    'I will find you',
    null
  ]) {
    const answer = await report(bo, direct, { entry: message.id, reason: 'x', message: forged });
    expect(answer.body, JSON.stringify(forged)).toMatchObject({ code: 'bad-request' });
  }
  expect(await list()).toEqual([]);
});

test('[REPORT-5] a report is settled once, with a line in the log; then its words are gone', async () => {
  await using fixture = await setupDirect();
  const { ad, ann, bo, direct, as, say, report, list, stored } = fixture;
  const message = await say(direct, ann);
  await report(bo, direct, { entry: message.id, reason: 'Threats.', message });
  const [open] = await list();
  expect(await stored(CANARY)).toBe(true);
  const settle = (person: Person) => as(person, 'POST', `/api/admin/reports/${open!.id}/settle`, {});
  expect((await settle(bo)).body).toMatchObject({ code: 'forbidden' });
  expect((await settle(ad)).status).toBe(204);
  expect((await settle(ad)).body).toMatchObject({ code: 'not-found' });
  expect(await stored(CANARY)).toBe(false);
  expect(await list()).toEqual([]);
  expect(await list('settled')).toMatchObject([
    { id: open!.id, reason: 'Threats.', body: null, settled: { by: ad.me.id } }
  ]);
  expect(JSON.parse((await as(ad, 'GET', '/api/admin/audit')).text)).toMatchObject([
    { act: 'report.settle', by: ad.me.id, target: open!.id, detail: 'Bo about Ann' }
  ]);
  expect((await report(bo, direct, { entry: message.id, reason: 'Again.', message })).status).toBe(204);
  expect(await list()).toHaveLength(1);
});

test('[REPORT-5] with an account go its reports, and its words in those of others; with a room all of them', async () => {
  await using fixture = await setupDirect();
  const { ad, ann, bo, cy, direct, group, as, say, report, list, stored, pass } = fixture;
  const [first, second] = [await say(direct, ann), await say(group, ann)];
  const third = await say(group, cy, 'of Cy');
  await report(bo, direct, { entry: first.id, reason: 'x', message: first });
  pass(10);
  await report(cy, group, { entry: second.id, reason: 'x', message: second });
  pass(10);
  await report(bo, group, { entry: third.id, reason: 'x', message: third });
  const leave = (person: Person) => as(person, 'DELETE', '/api/account', { password: PASSWORD, messages: false });
  expect((await leave(ann)).status).toBe(204);
  expect(await stored(CANARY)).toBe(false);
  expect(await list()).toMatchObject([{ body: 'of Cy' }, { by: cy.me.id, body: null }, { by: bo.me.id, body: null }]);
  expect((await leave(cy)).status).toBe(204);
  expect(await list()).toMatchObject([
    { by: bo.me.id, room: group },
    { by: bo.me.id, room: direct }
  ]);
  expect((await as(ad, 'DELETE', `/api/admin/rooms/${direct}`)).status).toBe(204);
  expect(await list()).toMatchObject([{ room: group }]);
});

test('[REPORT-5] reports are listed 50 at a time, newest first', async () => {
  await using fixture = await setupDirect();
  const { ad, ann, bo, cy, group, as, say, report, list, pass } = fixture;
  const messages = await Promise.all(Array.from({ length: 52 }, (_, at) => say(group, ann, `rude ${at}`)));
  for (const [at, message] of messages.entries()) {
    pass(10);
    expect((await report(at % 2 ? bo : cy, group, { entry: message.id, reason: String(at), message })).status).toBe(
      204
    );
  }
  const first = await list();
  expect(first).toHaveLength(50);
  expect(first[0]!.reason).toBe('51');
  const rest = await as(ad, 'GET', `/api/admin/reports?state=open&before=${first.at(-1)!.id}`);
  expect((JSON.parse(rest.text) as AdminReport[]).map(({ reason }) => reason)).toEqual(['1', '0']);
  for (const query of ['state=all', 'before=x', 'state=open&state=settled']) {
    expect((await as(ad, 'GET', `/api/admin/reports?${query}`)).body, query).toMatchObject({ code: 'bad-request' });
  }
});

test('[REPORT-6] the words of who had all they wrote erased are not kept by who reports them afterwards', async () => {
  await using fixture = await setupDirect();
  const { ann, bo, direct, say, report, list, stored, server } = fixture;
  const message = await say(direct, ann);
  await server.core.acts.delete(ann.me.id, true);
  expect((await report(bo, direct, { entry: message.id, reason: 'Threats.', message })).status).toBe(204);
  expect(await list()).toMatchObject([{ of: ann.me.id, body: null }]);
  expect(await stored(CANARY)).toBe(false);
});
