// What administrators do over HTTP, on a whole server: settings, and the log of it all.

import { describe, expect, test } from 'vitest';
import {
  ADMIN_USER_ACTS,
  type AdminInvitation,
  type AdminRoom,
  type AdminUser,
  type AuditLine
} from '#protocol/api/admin.ts';
import { newEntryId, newRoomId } from '#protocol/ids.ts';
import { PASSWORD, setupHttp, type Person } from './http-fixture.ts';

describe('settings', () => {
  test('[ADM-1] hold until set as the configuration has them, and from then on as they were set', async () => {
    await using fixture = await setupHttp({ registration: 'invitation' });
    const { call, setUp, signUp } = fixture;
    const { cookie } = await setUp();
    const configured = { registration: 'invitation', roomCreation: 'everyone' };
    expect((await call('GET', '/api/admin/settings', { cookie })).body).toEqual(configured);
    expect((await call('GET', '/api/server')).body).toMatchObject(configured);

    const body = { registration: 'open', roomCreation: 'administrators' };
    expect(await call('PATCH', '/api/admin/settings', { cookie, body })).toMatchObject({ status: 200, body });
    expect((await call('GET', '/api/server')).body).toMatchObject(body);
    await signUp('Bo');
    const part = await call('PATCH', '/api/admin/settings', { cookie, body: { registration: 'closed' } });
    expect(part.body).toEqual({ registration: 'closed', roomCreation: 'administrators' });
    const refused = await call('POST', '/api/accounts', { body: { name: 'Cy', password: PASSWORD } });
    expect(refused.body).toMatchObject({ status: 403, code: 'registration-closed' });
  });

  test.each([
    { body: { registration: 'maybe' } },
    { body: { roomCreation: null } },
    { body: { registration: 'open', name: 'x' } },
    { body: [] },
    { body: '"open"' }
  ])('$body is no change of settings', async ({ body }) => {
    await using fixture = await setupHttp();
    const { cookie } = await fixture.setUp();
    const answer = await fixture.call('PATCH', '/api/admin/settings', { cookie, body });
    expect(answer.body).toMatchObject({ status: 400, code: 'bad-request' });
    expect((await fixture.call('GET', '/api/admin/audit', { cookie })).text).toBe('[]');
  });

  test('a change that storage does not take is none, and is not in the log', async () => {
    await using fixture = await setupHttp();
    const { call, setUp, disk, server } = fixture;
    const { cookie } = await setUp();
    disk.failNextBatch({ applied: false });
    const body = { registration: 'closed' };
    expect((await call('PATCH', '/api/admin/settings', { cookie, body })).body).toMatchObject({ code: 'storage' });
    expect(server.core.settings.registration).toBe('open');
  });
});

describe('the log', () => {
  test('[ADM-2] has a line for each setting that changed, newest first, and none for what was so already', async () => {
    await using fixture = await setupHttp();
    const { call, setUp } = fixture;
    const { me, cookie } = await setUp();
    const change = (body: object) => call('PATCH', '/api/admin/settings', { cookie, body });
    await change({ registration: 'closed', roomCreation: 'administrators' });
    await change({ registration: 'closed' });
    await change({ registration: 'open' });
    const lines = JSON.parse((await call('GET', '/api/admin/audit', { cookie })).text) as AuditLine[];
    expect(lines.map(({ by, act, detail }) => ({ by, act, detail }))).toEqual([
      { by: me.id, act: 'settings.registration', detail: 'closed → open' },
      { by: me.id, act: 'settings.roomCreation', detail: 'everyone → administrators' },
      { by: me.id, act: 'settings.registration', detail: 'open → closed' }
    ]);
  });

  test('[ADM-2] is read 50 lines at a time, without a gap', async () => {
    await using fixture = await setupHttp();
    const { call, setUp, server } = fixture;
    const { me, cookie } = await setUp();
    for (let i = 1; i <= 120; i++) {
      await server.core.audit.add({ by: me.id, act: 'user.suspend', target: '', detail: `line ${i}` });
    }
    const seen: string[] = [];
    for (let before = ''; ;) {
      const page = JSON.parse((await call('GET', `/api/admin/audit${before}`, { cookie })).text) as AuditLine[];
      expect(page.length).toBeLessThanOrEqual(50);
      if (page.length === 0) break;
      seen.push(...page.map(({ detail }) => detail));
      before = `?before=${page.at(-1)!.id}`;
    }
    expect(seen).toEqual(Array.from({ length: 120 }, (_, i) => `line ${120 - i}`));
    for (const before of ['x', '0', '-1', '1&before=2', '9'.repeat(20)]) {
      const answer = await call('GET', `/api/admin/audit?before=${before}`, { cookie });
      expect(answer.body).toMatchObject({ code: 'bad-request' });
    }
  });
});

test('[ADM-3] administration is closed to people who are not administrators, and to nobody in particular', async () => {
  await using fixture = await setupHttp();
  const { call, setUp, signUp } = fixture;
  const ann = await setUp();
  const room = await fixture.makeRoom(ann, 'Crew', 'private');
  const { cookie } = await signUp('Bo');
  const calls: [method: string, path: string, body?: object][] = [
    ['GET', '/api/admin/settings'],
    ['PATCH', '/api/admin/settings', { registration: 'closed' }],
    ['GET', '/api/admin/audit'],
    ['GET', '/api/admin/users'],
    ...ADMIN_USER_ACTS.map((act): [string, string, object] => ['POST', `/api/admin/users/${ann.me.id}/${act}`, {}]),
    ['DELETE', `/api/admin/users/${ann.me.id}`, { messages: true }],
    ['GET', '/api/admin/rooms'],
    ['DELETE', `/api/admin/rooms/${room}`],
    ['GET', '/api/admin/invitations'],
    ['GET', '/api/admin/storage']
  ];
  for (const [method, path, body] of calls) {
    const options = body === undefined ? {} : { body };
    expect((await call(method, path, { cookie, ...options })).body, path).toMatchObject({
      status: 403,
      code: 'forbidden'
    });
    expect((await call(method, path, options)).body, path).toMatchObject({ status: 401, code: 'signed-out' });
  }
  expect((await call('GET', '/api/server')).body).toMatchObject({ registration: 'open' });
  expect((await call('GET', `/api/rooms/${room}`, { cookie: ann.cookie })).status, 'nothing was done').toBe(200);
  expect((await call('GET', '/api/admin/audit', { cookie: ann.cookie })).text).toBe('[]');
});

/** Ann, the administrator, and Bo. */
async function setupPeople() {
  const fixture = await setupHttp();
  const { call } = fixture;
  const ann = await fixture.setUp('Ann');
  const bo = await fixture.signUp('Bo');
  const as = (person: Person, method: string, path: string, body?: unknown) =>
    call(method, path, { cookie: person.cookie, ...(body === undefined ? {} : { body }) });
  const act = (person: Person, on: Person, what: string) =>
    as(person, 'POST', `/api/admin/users/${on.me.id}/${what}`, {});
  const users = async (search = ''): Promise<AdminUser[]> =>
    JSON.parse((await as(ann, 'GET', `/api/admin/users${search}`)).text) as AdminUser[];
  const log = async (): Promise<string[]> => {
    const lines = JSON.parse((await as(ann, 'GET', '/api/admin/audit')).text) as AuditLine[];
    return lines.map(({ act, detail }) => `${act} ${detail}`);
  };
  const signIn = (name: string) => call('POST', '/api/session', { body: { name, password: PASSWORD } });
  return { ...fixture, ann, bo, as, act, users, log, signIn };
}

describe('people', () => {
  test('[ADM-4] who is suspended is out at once and cannot sign in, until they are let back in', async () => {
    await using fixture = await setupPeople();
    const { bo, ann, as, act, users, log, signIn, issueToken, call } = fixture;
    const token = await issueToken(bo);
    const answer = await act(ann, bo, 'suspend');
    expect(answer.body).toMatchObject({ id: bo.me.id, name: 'Bo', suspended: true, admin: false });
    expect((await as(bo, 'GET', '/api/me')).body).toMatchObject({ code: 'signed-out' });
    expect((await call('GET', '/api/me', { token })).body, 'the token of a bot, too').toMatchObject({
      code: 'signed-out'
    });
    expect((await signIn('Bo')).body).toMatchObject({ code: 'suspended' });
    expect(await users()).toMatchObject([
      { name: 'Ann', suspended: false },
      { name: 'Bo', suspended: true }
    ]);
    expect((await act(ann, bo, 'resume')).body).toMatchObject({ suspended: false });
    expect((await signIn('Bo')).status).toBe(200);
    expect(await log()).toEqual(['user.resume Bo', 'user.suspend Bo']);
    expect((await act(ann, ann, 'suspend')).body, 'not oneself').toMatchObject({ code: 'bad-request' });
  });

  test('[ADM-5] there is always an administrator who can sign in', async () => {
    await using fixture = await setupPeople();
    const { ann, bo, as, act, log } = fixture;
    const last = { status: 409, code: 'last-administrator' };
    expect((await act(ann, ann, 'unmake-admin')).body).toMatchObject(last);
    const itself = await as(ann, 'DELETE', `/api/admin/users/${ann.me.id}`, { messages: false });
    expect(itself.body).toMatchObject(last);
    expect(await log(), 'what was refused is not in the log').toEqual([]);
    expect((await act(ann, bo, 'make-admin')).body).toMatchObject({ admin: true });
    const both = await Promise.all([act(ann, bo, 'unmake-admin'), act(bo, ann, 'unmake-admin')]);
    expect(
      both.filter(({ status }) => status === 200),
      'at once: one of them stays'
    ).toHaveLength(1);
    const left = [ann, bo].filter(({ me }) => fixture.accounts.isAdmin(me.id));
    expect(left).toHaveLength(1);
  });

  test('[ADM-6] a link lets a person back in with a new password, once, and is in the log without its secret', async () => {
    await using fixture = await setupPeople();
    const { ann, bo, act, call, log: lines, pass, disk } = fixture;
    const made = await act(ann, bo, 'reset');
    const { token } = made.body as { token: string };
    const use = (password: string) => call('POST', '/api/recovery', { body: { token, password } });
    expect((await use('another horse battery')).body).toMatchObject({ id: bo.me.id });
    expect((await use('a third horse battery')).body).toMatchObject({ code: 'recovery-invalid' });
    expect((await call('GET', '/api/me', { cookie: bo.cookie })).body).toMatchObject({ code: 'signed-out' });
    expect(await lines()).toEqual(['user.reset Bo']);
    expect(disk.holds(new TextEncoder().encode(token))).toBe(false);
    const late = (await act(ann, bo, 'reset')).body as { token: string };
    pass(15 * 60_000);
    const tooLate = await call('POST', '/api/recovery', {
      body: { token: late.token, password: 'late horse battery' }
    });
    expect(tooLate.body).toMatchObject({ code: 'recovery-invalid' });
  });

  test('[ADM-7] a deleted account is gone from its rooms and the list, and with its messages if so wished', async () => {
    await using fixture = await setupPeople();
    const { ann, bo, as, users, log, append, makeRoom, rooms, signUp, signIn } = fixture;
    const room = await makeRoom(ann, 'Crew', 'public');
    const cy = await signUp('Cy');
    for (const [person, body] of [
      [bo, 'from bo'],
      [cy, 'from cy']
    ] as const) {
      await append(room, person.me.id, { type: 'membership', action: 'joined' });
      await append(room, person.me.id, { type: 'message', body });
    }
    const remove = (person: Person, messages: boolean) =>
      as(ann, 'DELETE', `/api/admin/users/${person.me.id}`, { messages });
    expect((await as(ann, 'DELETE', `/api/admin/users/${bo.me.id}`, {})).body).toMatchObject({ code: 'bad-request' });
    expect((await remove(bo, true)).status).toBe(204);
    expect((await remove(cy, false)).status).toBe(204);
    expect((await remove(cy, false)).body).toMatchObject({ code: 'not-found' });
    expect((await as(bo, 'GET', '/api/me')).body).toMatchObject({ code: 'signed-out' });
    expect((await signIn('Bo')).body).toMatchObject({ code: 'wrong-credentials' });
    expect((await users()).map(({ name }) => name)).toEqual(['Ann']);
    expect(await rooms.members(ann.me.id, room)).toHaveLength(1);
    const said = JSON.stringify(await rooms.headEntries(room));
    expect(said).toContain('from cy');
    expect(said).not.toContain('from bo');
    expect(await log()).toEqual(['user.delete Cy', 'user.delete Bo, with messages']);
  });

  test('[ADM-8] people are listed by name, 50 at a time, and found by what their name begins with', async () => {
    await using fixture = await setupPeople();
    const { users, accounts, as, ann } = fixture;
    const names = Array.from({ length: 60 }, (_, i) => `Guest ${String(i).padStart(2, '0')}`);
    for (const name of names) await accounts.create({ name, password: PASSWORD, admin: false });
    const first = await users();
    expect(first).toHaveLength(50);
    const rest = await users(`?after=${first.at(-1)!.id}`);
    expect([...first, ...rest].map(({ name }) => name)).toEqual(['Ann', 'Bo', ...names]);
    expect((await users('?query=guest%2059')).map(({ name }) => name)).toEqual(['Guest 59']);
    for (const bad of ['?after=x', `?query=${'x'.repeat(101)}`, '?query=a&query=b']) {
      expect((await as(ann, 'GET', `/api/admin/users${bad}`)).body, bad).toMatchObject({ code: 'bad-request' });
    }
  });
});

describe('rooms and storage', () => {
  test('[ADM-9] rooms are listed with their size and activity, 50 at a time; who administers may delete any', async () => {
    await using fixture = await setupPeople();
    const { ann, bo, as, append, makeRoom, log, rooms, pass } = fixture;
    const made: string[] = [];
    for (let i = 0; i < 53; i++) {
      made.push(await makeRoom(bo, `Room ${i}`, i % 2 ? 'private' : 'public'));
      pass(1_000);
    }
    await append(made[1]!, bo.me.id, { type: 'message', body: 'x'.repeat(1_000) });
    const list = async (search = '') =>
      JSON.parse((await as(ann, 'GET', `/api/admin/rooms${search}`)).text) as AdminRoom[];
    const first = await list();
    expect(first).toHaveLength(50);
    expect(first[0]).toMatchObject({ id: made[1], name: 'Room 1', kind: 'private', members: 1, messages: 1 });
    expect(first[0]!.bytes).toBeGreaterThan(1_000);
    const { activeAt, id } = first.at(-1)!;
    const rest = await list(`?after=${activeAt}.${id}`);
    expect(new Set([...first, ...rest].map((room) => room.id))).toEqual(new Set(made));
    expect((await list('?query=ROOM%2052')).map(({ name }) => name)).toEqual(['Room 52']);
    expect((await as(ann, 'GET', '/api/admin/rooms?after=x')).body).toMatchObject({ code: 'bad-request' });

    const report = { entry: newEntryId(1), reason: '' };
    await fixture.server.core.reports.add(made[1]!, ann.me.id, bo.me.id, report);
    const remove = (room: string) => as(ann, 'DELETE', `/api/admin/rooms/${room}`);
    expect((await remove(made[1]!)).status).toBe(204);
    expect((await remove(made[1]!)).body, 'again').toMatchObject({ status: 404, code: 'not-found' });
    expect((await remove(newRoomId())).body).toMatchObject({ status: 404, code: 'not-found' });
    expect(await rooms.summary(bo.me.id, made[1]!)).toBeNull();
    expect((await list('?query=room%201')).map(({ id }) => id)).not.toContain(made[1]);
    expect(await log()).toEqual(['room.delete Room 1']);
    expect(await fixture.server.core.reports.ofRoom(made[1]!)).toEqual([]);
  });

  test('[ADM-10] storage is counted: people, rooms, messages, bytes', async () => {
    await using fixture = await setupPeople();
    const { ann, bo, as, append, makeRoom } = fixture;
    const room = await makeRoom(bo, 'Crew', 'private');
    await append(room, bo.me.id, { type: 'message', body: 'one' });
    const answer = await as(ann, 'GET', '/api/admin/storage');
    expect(answer.body).toMatchObject({ users: 2, rooms: 1, messages: 1, avatars: 0 });
    for (const field of ['database', 'free']) expect(answer.body[field]).toBeTypeOf('number');
  });

  test('[ADM-11] invitations of all rooms are listed with the name of theirs', async () => {
    await using fixture = await setupPeople();
    const { ann, bo, as, makeRoom } = fixture;
    const room = await makeRoom(bo, 'Crew', 'private');
    const { secret } = (await as(bo, 'POST', `/api/rooms/${room}/invitations`, {})).body as { secret: string };
    const answer = await as(ann, 'GET', '/api/admin/invitations');
    expect(JSON.parse(answer.text) as AdminInvitation[]).toMatchObject([
      { room, roomName: 'Crew', by: bo.me.id, usesLeft: 20 }
    ]);
    expect(answer.text).not.toContain(secret);
  });

  test('[ADM-1] while administrators make the rooms, others make direct ones alone', async () => {
    await using fixture = await setupPeople();
    const { ann, bo, as, makeRoom, append } = fixture;
    await as(ann, 'PATCH', '/api/admin/settings', { roomCreation: 'administrators' });
    await expect(makeRoom(bo, 'Crew', 'public')).rejects.toThrow('not-allowed');
    await expect(makeRoom(bo, 'Crew', 'private')).rejects.toThrow('not-allowed');
    const people = [ann.me.id, bo.me.id].sort();
    await append(newRoomId(), bo.me.id, { type: 'room', action: 'created', kind: 'group', people });
    await makeRoom(ann, 'Crew', 'public');
  });
});
