// Rooms, history and invitations over HTTP: who sees what.

import { brotliDecompressSync } from 'node:zlib';
import { request, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { RoomInfo } from '#protocol/api/room.ts';
import type { SealedPage } from '#protocol/api/sealed-page.ts';
import { newRoomId } from '#protocol/ids.ts';
import { PAGE_MAX_ENTRIES } from '#protocol/limits.ts';
import type { RoomService } from '../../sync-server/rooms/room-service.ts';
import { setupHttp } from './http-fixture.ts';

const DAY_MS = 24 * 3_600_000;

/** Ann, the administrator, with a public and a private room; Bo, who is in neither. */
async function setupRooms() {
  const fixture = await setupHttp();
  const ann = await fixture.setUp('Ann');
  const bo = await fixture.signUp('Bo');
  const open = await fixture.makeRoom(ann, 'Harbour', 'public');
  const closed = await fixture.makeRoom(ann, 'Crew', 'private');
  const get = (address: string, cookie: string) => fixture.call('GET', address, { cookie });
  const invite = async (room: string): Promise<string> => {
    const made = await fixture.call('POST', `/api/rooms/${room}/invitations`, { cookie: ann.cookie });
    expect(made.status).toBe(201);
    return made.body['secret'] as string;
  };
  return { ...fixture, ann, bo, open, closed, get, invite };
}

/** Fills the room's first page, so that it is sealed. */
async function sealFirstPage({ rooms }: { rooms: RoomService }, room: string): Promise<void> {
  const entries = Array.from({ length: PAGE_MAX_ENTRIES + 10 }, (_, i) => ({
    id: `imported-${i}`,
    type: 'message' as const,
    author: '~crimsun',
    sentAt: 1_100_000_000_000 + i,
    body: `message ${i}`
  }));
  await rooms.import(room, entries);
}

test('[HTTP-4] the list is of joined rooms; the directory of all public ones', async () => {
  await using fixture = await setupRooms();
  const { ann, bo, open, closed, get } = fixture;
  const names = async (address: string, cookie: string) =>
    ((await get(address, cookie)).body as unknown as RoomInfo[]).map(({ name }) => name).sort();
  expect(await names('/api/rooms', ann.cookie)).toEqual(['Crew', 'Harbour']);
  expect(await names('/api/rooms', bo.cookie)).toEqual([]);
  expect(await names('/api/rooms?scope=public', bo.cookie)).toEqual(['Harbour']);
  expect((await get('/api/rooms?scope=all', bo.cookie)).status).toBe(400);
  expect((await get(`/api/rooms/${open}`, bo.cookie)).body).toMatchObject({
    id: open,
    name: 'Harbour',
    kind: 'public',
    head: 0,
    role: null
  });
  expect((await get(`/api/rooms/${closed}`, ann.cookie)).body).toMatchObject({ kind: 'private', role: 'owner' });
});

test('[HTTP-5] an absent room and a closed one look alike, under every address', async () => {
  await using fixture = await setupRooms();
  const { bo, closed, call } = fixture;
  const addresses = [
    ['GET', ''],
    ['GET', '/members'],
    ['GET', '/present'],
    ['GET', '/pages/0'],
    ['POST', '/invitations']
  ] as const;
  for (const [method, address] of addresses) {
    const answers = await Promise.all(
      [closed, newRoomId(), 'nonsense'].map((room) =>
        call(method, `/api/rooms/${room}${address}`, { cookie: bo.cookie })
      )
    );
    expect(answers[0]!.body, address).toMatchObject({ status: 404, code: 'not-found' });
    expect(answers[1]!.text, address).toBe(answers[0]!.text);
    expect(answers[2]!.text, address).toBe(answers[0]!.text);
  }
});

test('[HTTP-6] signed out, nothing of rooms and people is told', async () => {
  await using fixture = await setupRooms();
  const { open, call, ann } = fixture;
  const addresses = ['/api/me', '/api/rooms', '/api/rooms?scope=public', `/api/users?ids=${ann.me.id}`];
  const ofRoom = ['', '/members', '/present', '/pages/0'].map((part) => `/api/rooms/${open}${part}`);
  for (const address of [...addresses, ...ofRoom]) {
    const answer = await call('GET', address);
    expect(answer.body, address).toMatchObject({ status: 401, code: 'signed-out' });
    expect(answer.text, address).not.toContain('Harbour');
  }
});

test('members have names and roles; people are found by id, unknown ids left out', async () => {
  await using fixture = await setupRooms();
  const { ann, bo, open, get, append } = fixture;
  await append(open, bo.me.id, { type: 'membership', action: 'joined' });
  const members = (await get(`/api/rooms/${open}/members`, bo.cookie)).body as unknown as object[];
  expect(members).toHaveLength(2);
  expect(members).toContainEqual({ id: ann.me.id, name: 'Ann', role: 'owner', since: expect.any(Number) as number });
  expect(members).toContainEqual({ id: bo.me.id, name: 'Bo', role: 'member', since: expect.any(Number) as number });

  const blank = { displayName: '', avatar: null, status: '', colour: null, deleted: false };
  const ids = [bo.me.id, `u${'x'.repeat(22)}`, '~crimsun', '', ann.me.id, bo.me.id].map(encodeURIComponent).join(',');
  expect((await get(`/api/users?ids=${ids}`, ann.cookie)).body).toEqual([
    { id: bo.me.id, name: 'Bo', ...blank },
    { id: ann.me.id, name: 'Ann', ...blank }
  ]);
  expect((await get('/api/users', ann.cookie)).body).toEqual([]);
  const many = Array.from({ length: 101 }, (_, i) => `u${String(i).padStart(22, '0')}`).join(',');
  expect((await get(`/api/users?ids=${many}`, ann.cookie)).body).toMatchObject({ status: 400, code: 'bad-request' });
});

test('nobody is present where nobody has the room open', async () => {
  await using fixture = await setupRooms();
  expect((await fixture.get(`/api/rooms/${fixture.open}/present`, fixture.bo.cookie)).body).toEqual({ users: [] });
});

test('[HTTP-7] a sealed page is served with its revision as ETag, and not again when it is known', async () => {
  await using fixture = await setupRooms();
  const { ann, open, get, call } = fixture;
  expect((await get(`/api/rooms/${open}/pages/0`, ann.cookie)).body).toMatchObject({ status: 404, code: 'not-sealed' });
  await sealFirstPage(fixture, open);
  const answer = await get(`/api/rooms/${open}/pages/0`, ann.cookie);
  const page = answer.body as unknown as SealedPage;
  expect(page).toMatchObject({ room: open, page: 0, revision: 0, late: [] });
  expect(page.entries.length).toBeGreaterThan(900);
  const etag = answer.headers.get('etag')!;
  expect(etag).toBe(`W/"${ann.me.generation}-0"`);
  expect(answer.headers.get('cache-control')).toBe('private, no-cache');

  const known = (tag: string) =>
    call('GET', `/api/rooms/${open}/pages/0`, { cookie: ann.cookie, headers: { 'if-none-match': tag } });
  const again = await known(`"other", ${etag}`);
  expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', etag]);
  expect((await known(etag.slice(2))).status, 'compared weakly').toBe(304);
  expect((await known('"other"')).status).toBe(200);
  for (const nonsense of ['-1', '01', '1e3', '999', 'x']) {
    expect((await get(`/api/rooms/${open}/pages/${nonsense}`, ann.cookie)).status, nonsense).toBe(404);
  }
});

test('[HTTP-7] membership counts more than the ETag: who is not in the room gets no 304', async () => {
  await using fixture = await setupRooms();
  const { ann, bo, closed, call, get } = fixture;
  await sealFirstPage(fixture, closed);
  const etag = (await get(`/api/rooms/${closed}/pages/0`, ann.cookie)).headers.get('etag')!;
  const headers = { 'if-none-match': etag };
  expect((await call('GET', `/api/rooms/${closed}/pages/0`, { cookie: bo.cookie, headers })).status).toBe(404);
});

test('[HTTP-7] a page travels compressed to who can take it', async () => {
  await using fixture = await setupRooms();
  const { open, server, ann } = fixture;
  await sealFirstPage(fixture, open);
  const token = await fixture.issueToken(ann);
  const raw = async (encoding: string) => {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const headers = { authorization: `Bearer ${token}`, 'accept-encoding': encoding };
    request({ port: server.port, path: `/api/rooms/${open}/pages/0`, headers }, resolve)
      .on('error', reject)
      .end();
    const response = await promise;
    return { encoding: response.headers['content-encoding'], bytes: await buffer(response) };
  };
  const plain = await raw('identity');
  const brotli = await raw('gzip, br');
  expect(plain.encoding).toBeUndefined();
  expect(brotli.encoding).toBe('br');
  expect(brotli.bytes.length * 5).toBeLessThan(plain.bytes.length);
  expect(brotliDecompressSync(brotli.bytes)).toEqual(plain.bytes);
  expect((await raw('gzip')).encoding).toBe('gzip');
  expect((await raw('br;q=0, gzip;q=0')).encoding).toBeUndefined();
});

test('[ACCT-12] an invitation shows its room to anybody who holds it, and lets them in', async () => {
  await using fixture = await setupRooms();
  const { bo, closed, call, get, invite } = fixture;
  const secret = await invite(closed);
  const info = await call('POST', '/api/invitations/lookup', { body: { secret } });
  expect(info.body).toMatchObject({ room: { id: closed, name: 'Crew', kind: 'private' }, invitedBy: 'Ann' });
  const accept = (cookie?: string) =>
    call('POST', '/api/invitations/accept', { body: { secret }, ...(cookie === undefined ? {} : { cookie }) });
  expect((await accept()).body).toMatchObject({ code: 'signed-out' });
  expect((await accept(bo.cookie)).body).toEqual({ room: closed });
  expect((await accept(bo.cookie)).body, 'again: the same answer').toEqual({ room: closed });
  expect((await get(`/api/rooms/${closed}`, bo.cookie)).body).toMatchObject({ role: 'member', members: 2 });
});

test('[ACCT-12] it ends after 7 days, after 20 people, and with its maker’s membership', async () => {
  await using fixture = await setupRooms();
  const { ann, bo, closed, call, append, pass, invite } = fixture;
  const ended = { status: 404, code: 'invitation-invalid' };
  const lookup = async (secret: string) => (await call('POST', '/api/invitations/lookup', { body: { secret } })).body;
  const accept = async (secret: string, cookie: string) =>
    (await call('POST', '/api/invitations/accept', { body: { secret }, cookie })).body;

  const old = await invite(closed);
  pass(7 * DAY_MS);
  expect(await lookup(old)).toMatchObject(ended);
  expect(await accept(old, bo.cookie)).toMatchObject(ended);

  const used = await invite(closed);
  const guests = [];
  for (let i = 0; i < 21; i++) guests.push(await fixture.signUp(`Guest ${i}`));
  for (const guest of guests.slice(0, 20)) expect(await accept(used, guest.cookie)).toEqual({ room: closed });
  expect(await accept(used, guests[20]!.cookie)).toMatchObject(ended);
  expect(await lookup(used)).toMatchObject(ended);
  expect(await accept(used, guests[0]!.cookie), 'who used it before is in').toEqual({ room: closed });

  const orphaned = await invite(closed);
  await append(closed, ann.me.id, { type: 'membership', action: 'left' });
  expect(await lookup(orphaned)).toMatchObject(ended);
  expect(await accept(orphaned, bo.cookie)).toMatchObject(ended);
});

test('[ACCT-12] it lets a person in once: who has left or was removed since needs another one', async () => {
  await using fixture = await setupRooms();
  const { ann, bo, closed, call, append, invite } = fixture;
  const accept = async (secret: string) =>
    (await call('POST', '/api/invitations/accept', { body: { secret }, cookie: bo.cookie })).body;
  const secret = await invite(closed);
  expect(await accept(secret)).toEqual({ room: closed });
  await append(closed, ann.me.id, { type: 'membership', action: 'removed', user: bo.me.id });
  expect(await accept(secret), 'who was in is told why').toMatchObject({ status: 404, code: 'room-removed' });
  expect(await accept(await invite(closed))).toEqual({ room: closed });
});

test('[ACCT-12] of many who accept the last use at once, one gets in', async () => {
  await using fixture = await setupRooms();
  const { closed, call, get, invite, ann } = fixture;
  const secret = await invite(closed);
  const guests = [];
  for (let i = 0; i < 24; i++) guests.push(await fixture.signUp(`Guest ${i}`));
  const accept = ({ cookie }: { cookie: string }) =>
    call('POST', '/api/invitations/accept', { body: { secret }, cookie });
  const answers = await Promise.all(guests.map(accept));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(20);
  expect((await get(`/api/rooms/${closed}`, ann.cookie)).body).toMatchObject({ members: 21 });
});

test.each([{}, { secret: 7 }, { secret: '' }, { secret: 'x'.repeat(43) }])(
  'an invitation of %j leads nowhere',
  async (body) => {
    await using fixture = await setupHttp();
    const answer = await fixture.call('POST', '/api/invitations/lookup', { body });
    expect([400, 404]).toContain(answer.status);
  }
);

test('who only looks at a public room cannot invite into it', async () => {
  await using fixture = await setupRooms();
  const answer = await fixture.call('POST', `/api/rooms/${fixture.open}/invitations`, { cookie: fixture.bo.cookie });
  expect(answer.body).toMatchObject({ status: 403, code: 'forbidden' });
});

test('[LINK-4] where a message is, is told to who may open its room; of one that is not there, nothing', async () => {
  await using fixture = await setupRooms();
  const { ann, bo, open, closed, get } = fixture;
  await sealFirstPage(fixture, open);
  await sealFirstPage(fixture, closed);
  const place = async (room: string, id: string, { cookie }: { cookie: string }): Promise<unknown> =>
    (await get(`/api/rooms/${room}/entries/${id}`, cookie)).body['page'];
  expect(await place(open, 'imported-3', bo)).toBe(0);
  expect(await place(open, `imported-${PAGE_MAX_ENTRIES + 5}`, bo)).toBe(1);
  expect(await place(open, 'imported-nobody', ann)).toBeNull();
  expect(await place(open, 'x', ann)).toBeNull();
  expect(await place(closed, 'imported-3', ann)).toBe(0);
  expect((await get(`/api/rooms/${closed}/entries/imported-3`, bo.cookie)).status).toBe(404);
});
