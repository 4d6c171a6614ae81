// Invitation links, reports and blocked people over HTTP: who makes, sees and ends what.

import { expect, test } from 'vitest';
import type { AuditLine } from '#protocol/api/admin.ts';
import type { Invitation, InvitationSummary } from '#protocol/api/invitation.ts';
import type { Report } from '#protocol/api/report.ts';
import { newEntryId, newUserId } from '#protocol/ids.ts';
import { setupHttp, type CallOptions, type Person } from './http-fixture.ts';

const DAY_MS = 24 * 3_600_000;
const forbidden = { status: 403, code: 'forbidden' };
const ended = { status: 404, code: 'invitation-invalid' };
const hidden = { status: 404, code: 'not-found' };

/** Ann owns the private room Crew, Mo moderates it, Bo is a member, Cy is not in it. Ad is the administrator. */
async function setupCrew() {
  const fixture = await setupHttp();
  const { append, call } = fixture;
  const ad = await fixture.setUp('Ad');
  const [ann, mo, bo, cy] = [
    await fixture.signUp('Ann'),
    await fixture.signUp('Mo'),
    await fixture.signUp('Bo'),
    await fixture.signUp('Cy')
  ];
  const crew = await fixture.makeRoom(ann, 'Crew', 'private');
  for (const { me } of [mo, bo]) {
    await append(crew, ann.me.id, { type: 'membership', action: 'invited', user: me.id });
    await append(crew, me.id, { type: 'membership', action: 'joined' });
  }
  const role = (person: Person, to: string) =>
    append(crew, ann.me.id, { type: 'membership', action: 'role', user: person.me.id, role: to });
  await role(mo, 'moderator');
  const as = (person: Person, method: string, path: string, body?: unknown) =>
    call(method, path, { cookie: person.cookie, ...(body === undefined ? {} : { body }) } satisfies CallOptions);
  const invite = async (person: Person, wanted?: object): Promise<Invitation> => {
    const made = await as(person, 'POST', `/api/rooms/${crew}/invitations`, wanted);
    expect(made.text, made.text).toContain('secret');
    return made.body as unknown as Invitation;
  };
  const accept = async (person: Person, { secret }: { secret: string }) =>
    (await as(person, 'POST', '/api/invitations/accept', { secret })).body;
  const list = async (person: Person): Promise<InvitationSummary[]> =>
    JSON.parse((await as(person, 'GET', `/api/rooms/${crew}/invitations`)).text) as InvitationSummary[];
  return { ...fixture, ad, ann, mo, bo, cy, crew, role, as, invite, accept, list };
}

test('[INV-1] a link lives as long and lets in as many as its maker says', async () => {
  await using fixture = await setupCrew();
  const { ann, bo, cy, crew, invite, accept, pass, signUp } = fixture;
  const once = await invite(bo, { uses: 1, lifeMs: 90 * DAY_MS });
  expect(once.usesLeft).toBe(1);
  pass(29 * DAY_MS);
  expect(await accept(cy, once)).toEqual({ room: crew });
  expect(await accept(await signUp('Di'), once)).toMatchObject(ended);
  const short = await invite(ann, { lifeMs: 60_000 });
  pass(60_000);
  expect(await accept(await signUp('Ed'), short)).toMatchObject(ended);
});

test.each([
  { lifeMs: 59_999 },
  { lifeMs: 90 * DAY_MS + 1 },
  { lifeMs: 1e300 },
  { uses: 0 },
  { uses: 1_001 },
  { uses: 1.5 },
  { role: 'owner' },
  { room: 'x' }
])('[INV-1] a link of %j is not made', async (wanted) => {
  await using fixture = await setupCrew();
  const answer = await fixture.as(fixture.ann, 'POST', `/api/rooms/${fixture.crew}/invitations`, wanted);
  expect(answer.body).toMatchObject({ status: 400, code: 'bad-request' });
  expect(await fixture.list(fixture.ann)).toEqual([]);
});

test('[INV-2] a link that makes moderators is made by owners alone, and works while they are', async () => {
  await using fixture = await setupCrew();
  const { ann, mo, bo, cy, crew, role, as, invite, accept } = fixture;
  for (const person of [mo, bo]) {
    const answer = await as(person, 'POST', `/api/rooms/${crew}/invitations`, { role: 'moderator' });
    expect(answer.body).toMatchObject(forbidden);
  }
  const link = await invite(ann, { role: 'moderator' });
  const info = await as(cy, 'POST', '/api/invitations/lookup', { secret: link.secret });
  expect(info.body).toMatchObject({ role: 'moderator', invitedBy: 'Ann' });
  expect(await accept(cy, link)).toEqual({ room: crew });
  expect((await as(cy, 'GET', `/api/rooms/${crew}`)).body).toMatchObject({ role: 'moderator' });

  const plain = await invite(ann);
  await role(mo, 'owner');
  await role(ann, 'member');
  const di = await fixture.signUp('Di');
  expect(await accept(di, link), 'its maker cannot give roles any more').toMatchObject(ended);
  expect(await accept(di, plain), 'but may still invite').toEqual({ room: crew });
});

test('[INV-3] its maker, moderators and administrators see and revoke a link, others learn nothing of it', async () => {
  await using fixture = await setupCrew();
  const { ad, ann, mo, bo, cy, crew, as, invite, accept, list, call, append } = fixture;
  const ofAnn = await invite(ann);
  const ofBo = await invite(bo, { uses: 3 });
  const summary = { id: ofBo.id, room: crew, by: bo.me.id, role: 'member', usesLeft: 3, expiresAt: ofBo.expiresAt };
  expect((await list(bo)).map(({ createdAt: _, ...rest }) => rest)).toEqual([summary]);
  expect((await list(mo)).map(({ id }) => id).sort()).toEqual([ofAnn.id, ofBo.id].sort());
  expect((await as(cy, 'GET', `/api/rooms/${crew}/invitations`)).body).toMatchObject(hidden);
  expect(JSON.stringify(await list(mo)), 'not its secret').not.toContain(ofBo.secret);

  const revoke = (person: Person, { id }: Invitation) => as(person, 'DELETE', `/api/invitations/${id}`);
  const foreign = await revoke(bo, ofAnn);
  expect(foreign.body).toMatchObject(hidden);
  expect((await revoke(cy, ofAnn)).text, 'as if it were not there').toBe(foreign.text);
  expect((await as(cy, 'DELETE', `/api/invitations/${'x'.repeat(22)}`)).text).toBe(foreign.text);
  expect((await call('DELETE', `/api/invitations/${ofAnn.id}`)).body).toMatchObject({ code: 'signed-out' });
  expect(await list(ann)).toHaveLength(2);

  expect((await revoke(mo, ofAnn)).status).toBe(204);
  expect(await accept(cy, ofAnn)).toMatchObject(ended);
  expect((await revoke(ad, ofBo)).status).toBe(204);
  expect(await accept(cy, ofBo)).toMatchObject(ended);
  expect(await list(ann)).toEqual([]);
  const log = await as(ad, 'GET', '/api/admin/audit');
  expect(JSON.parse(log.text)).toMatchObject([{ act: 'invitation.revoke', by: ad.me.id, target: ofBo.id }]);

  const left = await invite(bo);
  await append(crew, bo.me.id, { type: 'membership', action: 'left' });
  expect((await revoke(bo, left)).status, 'who has left can still end their own').toBe(204);
});

test('[INV-6] of many who come with the last use of a link at once, one gets in', async () => {
  await using fixture = await setupCrew();
  const { ann, crew, invite, accept, call, as, signUp } = fixture;
  const crowd = [];
  for (const name of ['Di', 'Ed', 'Flo', 'Gus', 'Hal']) crowd.push(await signUp(name));
  const once = await invite(ann, { uses: 1 });
  const answers = await Promise.all([...crowd, ...crowd].map((person) => accept(person, once)));
  const winners = new Set(answers.flatMap(({ room }, at) => (room === crew ? [at % crowd.length] : [])));
  expect(winners.size).toBe(1);
  // Signing up by a link uses it up, too, and as often.
  await as(fixture.ad, 'PATCH', '/api/admin/settings', { registration: 'invitation' });
  const { secret } = await invite(ann, { uses: 2 });
  const signUps = await Promise.all(
    ['Ida', 'Jo', 'Kim', 'Lu'].map((name) =>
      call('POST', '/api/accounts', { body: { name, password: 'correct horse battery', invitation: secret } })
    )
  );
  expect(signUps.map(({ status }) => status).sort()).toEqual([201, 201, 404, 404]);
  const members = JSON.parse((await as(ann, 'GET', `/api/rooms/${crew}/members`)).text) as unknown[];
  expect(members).toHaveLength(4);
});

test('[INV-4] a person has 50 links at most that can still be used, also when many are asked for at once', async () => {
  await using fixture = await setupCrew();
  const { bo, mo, crew, as, invite, list, pass } = fixture;
  const made = await Promise.all(
    Array.from({ length: 55 }, () => as(bo, 'POST', `/api/rooms/${crew}/invitations`, { lifeMs: DAY_MS }))
  );
  expect(made.filter(({ status }) => status === 201)).toHaveLength(50);
  expect(made.find(({ status }) => status !== 201)?.body).toMatchObject({ status: 409, code: 'too-many' });
  await invite(mo);
  await as(bo, 'DELETE', `/api/invitations/${(await list(bo))[0]!.id}`);
  await invite(bo);
  pass(DAY_MS);
  await invite(bo);
});

test('[INV-5] nobody who is banned comes in by a link, neither a new one nor one that they used', async () => {
  await using fixture = await setupCrew();
  const { ann, cy, crew, append, invite, accept } = fixture;
  const used = await invite(ann);
  expect(await accept(cy, used)).toEqual({ room: crew });
  await append(crew, ann.me.id, { type: 'membership', action: 'banned', user: cy.me.id });
  const banned = { status: 404, code: 'room-banned' };
  expect(await accept(cy, used)).toMatchObject(banned);
  const fresh = await invite(ann, { role: 'moderator' });
  expect(await accept(cy, fresh)).toMatchObject(banned);
  await append(crew, ann.me.id, { type: 'membership', action: 'unbanned', user: cy.me.id });
  expect(await accept(cy, fresh)).toEqual({ room: crew });
});

test('[REPORT-1] who may read a room reports a message once; its moderators and administrators read and settle', async () => {
  await using fixture = await setupCrew();
  const { ad, ann, mo, bo, cy, crew, append, as } = fixture;
  const entry = newEntryId(Date.now());
  await append(crew, ann.me.id, { id: entry, type: 'message', body: 'rude' });
  const report = (person: Person, body: unknown) => as(person, 'POST', `/api/rooms/${crew}/reports`, body);
  expect((await report(bo, { entry, reason: 'x' })).status).toBe(204);
  expect((await report(bo, { entry, reason: ' It is rude. ' })).status, 'said again').toBe(204);
  expect((await report(cy, { entry, reason: '' })).body).toMatchObject(hidden);
  expect((await report(bo, { entry: newEntryId(1), reason: '' })).body).toMatchObject(hidden);
  for (const body of [{ entry }, { entry: 'x', reason: '' }, { entry, reason: 'x'.repeat(501) }, [entry]]) {
    expect((await report(bo, body)).body).toMatchObject({ code: 'bad-request' });
  }

  const path = `/api/rooms/${crew}/reports`;
  expect((await as(bo, 'GET', path)).body).toMatchObject(forbidden);
  expect((await as(cy, 'GET', path)).body).toMatchObject(hidden);
  const [found, ...more] = JSON.parse((await as(mo, 'GET', path)).text) as Report[];
  expect(more).toEqual([]);
  expect(found).toMatchObject({ entry, reason: 'It is rude.', by: bo.me.id, of: ann.me.id });
  expect(JSON.parse((await as(ad, 'GET', path)).text)).toEqual([found]);

  const settle = (person: Person) => as(person, 'DELETE', `${path}/${found!.id}`);
  expect((await settle(bo)).body).toMatchObject(forbidden);
  expect((await settle(cy)).body).toMatchObject(hidden);
  expect((await settle(mo)).status).toBe(204);
  expect((await settle(ann)).body, 'settled').toMatchObject(hidden);
  expect((await as(mo, 'GET', path)).text).toBe('[]');
});

test('[ADM-13] what administrators settle in rooms that they do not moderate is in the log', async () => {
  await using fixture = await setupCrew();
  const { ad, ann, bo, mo, crew, as, append } = fixture;
  const path = `/api/rooms/${crew}/reports`;
  const log = async () =>
    (JSON.parse((await as(ad, 'GET', '/api/admin/audit')).text) as AuditLine[]).map(({ by, act, detail }) => [
      by,
      act,
      detail
    ]);
  const settle = async (person: Person): Promise<number> => {
    const entry = newEntryId(Date.now());
    await append(crew, ann.me.id, { id: entry, type: 'message', body: 'hello' });
    expect((await as(bo, 'POST', path, { entry, reason: 'Spam' })).status).toBe(204);
    const [open] = JSON.parse((await as(person, 'GET', path)).text) as Report[];
    return (await as(person, 'DELETE', `${path}/${open!.id}`)).status;
  };
  expect(await settle(mo)).toBe(204);
  expect(await log()).toEqual([]);
  expect(await settle(ad)).toBe(204);
  expect(await log()).toEqual([[ad.me.id, 'report.settle', 'Bo about Ann']]);
  expect((await as(ad, 'DELETE', `${path}/${'x'.repeat(16)}`)).status).toBe(404);
  expect(await log()).toHaveLength(1);
});

test('[REPORT-2] a person has 50 open reports at most, and another one once some are settled', async () => {
  await using fixture = await setupCrew();
  const { ann, mo, bo, crew, append, as } = fixture;
  const path = `/api/rooms/${crew}/reports`;
  const entries = Array.from({ length: 52 }, () => newEntryId(Date.now()));
  for (const id of entries) await append(crew, ann.me.id, { id, type: 'message', body: 'rude' });
  const answers = await Promise.all(entries.map((entry) => as(bo, 'POST', path, { entry, reason: '' })));
  expect(answers.filter(({ status }) => status === 204)).toHaveLength(50);
  const refused = entries[answers.findIndex(({ status }) => status !== 204)]!;
  expect((await as(bo, 'POST', path, { entry: refused, reason: '' })).body).toMatchObject({ code: 'too-many' });
  const [first] = JSON.parse((await as(mo, 'GET', path)).text) as Report[];
  await as(mo, 'DELETE', `${path}/${first!.id}`);
  expect((await as(bo, 'POST', path, { entry: refused, reason: '' })).status).toBe(204);
});

test('[BLOCK-1] whom a person has blocked is theirs alone', async () => {
  await using fixture = await setupCrew();
  const { ann, bo, as, call } = fixture;
  expect((await as(bo, 'GET', '/api/blocked')).body).toEqual({ users: [] });
  const users = [ann.me.id, ann.me.id, bo.me.id];
  expect((await as(bo, 'PUT', '/api/blocked', { users })).body).toEqual({ users: [ann.me.id] });
  expect((await as(bo, 'GET', '/api/blocked')).body).toEqual({ users: [ann.me.id] });
  expect((await as(ann, 'GET', '/api/blocked')).body).toEqual({ users: [] });
  expect((await as(bo, 'PUT', '/api/blocked', { users: [] })).body).toEqual({ users: [] });
  expect((await call('GET', '/api/blocked')).body).toMatchObject({ code: 'signed-out' });
  const many = Array.from({ length: 1_001 }, () => newUserId());
  for (const body of [{ users: many }, { users: ['x'] }, { users: null }, {}]) {
    expect((await as(bo, 'PUT', '/api/blocked', body)).body).toMatchObject({ code: 'bad-request' });
  }
  expect((await as(bo, 'PUT', '/api/blocked', { users: many.slice(1) })).status).toBe(200);
});
