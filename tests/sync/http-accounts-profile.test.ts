// Profiles and pictures over HTTP, and that others hear of changes.

import { describe, expect, onTestFinished, test } from 'vitest';
import type { UserInfo } from '#protocol/api/profile.ts';
import { MuxedClient } from '../../sync-server/sync/testing/muxed-client.ts';
import { DEFAULT_LIMITS } from '../../sync-server/config.ts';
import { setupHttp, type Answer } from './http-fixture.ts';

const DAY_MS = 24 * 3_600_000;

/** A lossless still; `seed` makes it another one. */
function picture(side: number, seed = 0): Buffer {
  const bits = (side - 1) | ((side - 1) << 14);
  const data = Buffer.from([0x2f, 0, 0, 0, 0, seed & 255, seed >> 8, 0]);
  data.writeUInt32LE(bits, 1);
  const head = Buffer.alloc(20);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(12 + data.length, 4);
  head.write('WEBPVP8L', 8, 'latin1');
  head.writeUInt32LE(data.length, 16);
  return Buffer.concat([head, data]);
}

async function setupProfiles(config: Parameters<typeof setupHttp>[0] = {}) {
  const fixture = await setupHttp(config);
  const { call, origin } = fixture;
  const ann = await fixture.setUp('Ann');
  const bo = await fixture.signUp('Bo');
  const change = (cookie: string, body: object): Promise<Answer> => call('PATCH', '/api/profile', { cookie, body });
  const upload = async (cookie: string, body: Buffer, type = 'image/webp') => {
    const response = await fetch(`${origin}/api/avatars`, {
      ...{ method: 'POST', headers: { cookie, origin, 'content-type': type } },
      body: new Uint8Array(body)
    });
    return { status: response.status, body: (await response.json()) as Record<string, string> };
  };
  const fetchPicture = (id: string, cookie = ann.cookie) =>
    fetch(`${origin}/api/avatars/${id}`, { headers: { cookie } });
  return { ...fixture, ann, bo, change, upload, fetchPicture };
}

describe('a profile', () => {
  test('[PROF-1] is changed in parts, seen by others, and heard of by everybody who is connected', async () => {
    await using fixture = await setupProfiles();
    const { call, ann, bo, change, issueToken, server } = fixture;
    const client = await MuxedClient.greeted(`ws://127.0.0.1:${server.port}/sync`, { token: await issueToken(bo) });
    onTestFinished(async () => void (await client.close()));
    const info: UserInfo = {
      ...{ id: ann.me.id, name: 'Ann', displayName: 'Anne Shirley', avatar: null, status: '🌱 away', colour: 7 },
      deleted: false
    };
    expect((await change(ann.cookie, { displayName: ' Anne  Shirley ', colour: 7 })).status).toBe(200);
    expect((await change(ann.cookie, { status: '🌱 away' })).body).toEqual(info);
    expect(JSON.parse((await call('GET', `/api/users?ids=${ann.me.id}`, { cookie: bo.cookie })).text)).toEqual([info]);
    await client.until(() =>
      client.control.some((message) => message.type === 'people' && message.changed.some(({ status }) => status !== ''))
    );
    expect((await change(ann.cookie, { displayName: '', status: '', colour: null })).body).toMatchObject({
      ...{ displayName: '', status: '', colour: null }
    });
  });

  test.each([
    [{ displayName: 'x'.repeat(41) }, 'name-invalid'],
    [{ displayName: 'Ann\u202Egpj' }, 'name-invalid'],
    [{ displayName: '\u3164' }, 'name-invalid'],
    [{ status: 'x'.repeat(121) }, 'bad-request'],
    [{ status: 'two\nlines' }, 'bad-request'],
    [{ status: 'a\u2066b' }, 'bad-request'],
    [{ colour: 0 }, 'bad-request'],
    [{ colour: 13 }, 'bad-request'],
    [{ colour: 1.5 }, 'bad-request'],
    [{ avatar: 'x' }, 'bad-request'],
    [{ avatar: 'a'.repeat(22) }, 'avatar-invalid'],
    [{ name: 'Bo' }, 'bad-request'],
    [{ admin: true }, 'bad-request']
  ])('[PROF-1] %j changes nothing', async (body, code) => {
    await using fixture = await setupProfiles();
    const { call, ann, change } = fixture;
    expect((await change(ann.cookie, body)).body).toMatchObject({ code });
    const [info] = JSON.parse(
      (await call('GET', `/api/users?ids=${ann.me.id}`, { cookie: ann.cookie })).text
    ) as object[];
    expect(info).toMatchObject({ name: 'Ann', displayName: '', status: '', colour: null, avatar: null });
  });

  test('[PROF-4] people are found by a few letters, twenty at most', async () => {
    await using fixture = await setupProfiles();
    const { call, ann, bo, change, server } = fixture;
    await change(bo.cookie, { displayName: 'Robert Anderson' });
    for (let i = 0; i < 30; i++) {
      await server.core.accounts.create({ name: `Crowd ${i}`, password: null, admin: false });
    }
    const find = async (query: string) => {
      const answer = await call('GET', `/api/users?query=${encodeURIComponent(query)}`, { cookie: ann.cookie });
      return (JSON.parse(answer.text) as UserInfo[]).map(({ name }) => name);
    };
    expect(await find('an')).toEqual(['Ann', 'Bo']);
    expect(await find('crowd')).toHaveLength(20);
    expect(await find('')).toEqual([]);
    await server.core.acts.delete(bo.me.id, false);
    expect(await find('an')).toEqual(['Ann']);
    expect((await call('GET', '/api/users?query=an')).status).toBe(401);
  });
});

describe('pictures', () => {
  test('[PROF-2] are named by their content, served for ever, and run nothing', async () => {
    await using fixture = await setupProfiles();
    const { ann, bo, upload, change, fetchPicture, origin } = fixture;
    const file = picture(64);
    const stored = await upload(ann.cookie, file);
    expect(stored.status).toBe(201);
    const id = stored.body['id']!;
    expect(await upload(bo.cookie, file)).toEqual(stored);
    expect((await change(ann.cookie, { avatar: id })).body).toMatchObject({ avatar: id });
    const served = await fetchPicture(id, bo.cookie);
    expect(Buffer.from(await served.arrayBuffer())).toEqual(file);
    expect(Object.fromEntries(served.headers)).toMatchObject({
      'content-type': 'image/webp',
      'cache-control': 'private, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'content-disposition': 'attachment; filename="picture.webp"'
    });
    expect((await fetch(`${origin}/api/avatars/${id}`)).status).toBe(401);
    for (const absent of ['a'.repeat(22), 'x', '..%2F..']) expect((await fetchPicture(absent)).status).toBe(404);
  });

  test('[PROF-2] what is no small square picture is refused', async () => {
    await using fixture = await setupProfiles();
    const { ann, upload } = fixture;
    const html = Buffer.from('<script>alert(1)</script>');
    expect((await upload(ann.cookie, picture(256))).status).toBe(201);
    expect((await upload(ann.cookie, picture(257))).body).toMatchObject({ code: 'avatar-invalid' });
    expect((await upload(ann.cookie, html)).body).toMatchObject({ code: 'avatar-invalid' });
    expect((await upload(ann.cookie, html, 'text/html')).status).toBe(415);
    expect((await upload(ann.cookie, Buffer.alloc(64 * 1024 + 1))).body).toMatchObject({ code: 'too-large' });
  });

  test('[PROF-3] a person keeps forty: the oldest that nobody shows makes room', async () => {
    const avatarsPerPerson = { times: 1_000, perMs: DAY_MS };
    await using fixture = await setupProfiles({ limits: { ...DEFAULT_LIMITS, avatarsPerPerson } });
    const { ann, upload, change, fetchPicture, pass } = fixture;
    const ids: string[] = [];
    for (let i = 0; i < 42; i++) {
      ids.push((await upload(ann.cookie, picture(8, i))).body['id']!);
      if (i === 0) await change(ann.cookie, { avatar: ids[0] });
      pass(1_000);
    }
    const there = [];
    for (const id of ids) there.push((await fetchPicture(id)).status === 200);
    expect(there).toEqual([true, false, false, ...Array<boolean>(39).fill(true)]);
  });

  test('[PROF-3] what nobody shows goes after a week; what a person or a room shows stays', async () => {
    await using fixture = await setupProfiles();
    const { ann, bo, upload, change, fetchPicture, pass, server, makeRoom, append } = fixture;
    const [mine, rooms, nobodys] = await Promise.all(
      [1, 2, 3].map(async (seed) => (await upload(ann.cookie, picture(8, seed))).body['id']!)
    );
    await change(bo.cookie, { avatar: mine });
    const room = await makeRoom(ann, 'Deck', 'public');
    await append(room, ann.me.id, { type: 'room', action: 'avatar', avatar: rooms });
    const there = async () => Promise.all([mine!, rooms!, nobodys!].map(async (id) => (await fetchPicture(id)).status));
    pass(6 * DAY_MS);
    await server.core.avatars.collect();
    expect(await there()).toEqual([200, 200, 200]);
    pass(1 * DAY_MS);
    await server.core.avatars.collect();
    expect(await there()).toEqual([200, 200, 404]);
    await server.core.acts.delete(bo.me.id, false);
    await server.core.avatars.collect();
    expect(await there()).toEqual([404, 200, 404]);
  });

  test('[PROF-3] what a room shows of somebody who has gone stays, and goes once the room shows another', async () => {
    await using fixture = await setupProfiles();
    const { ann, bo, upload, fetchPicture, server, makeRoom, append } = fixture;
    const id = (await upload(bo.cookie, picture(8))).body['id']!;
    const room = await makeRoom(ann, 'Deck', 'public');
    await append(room, ann.me.id, { type: 'room', action: 'avatar', avatar: id });
    await server.core.acts.delete(bo.me.id, false);
    await server.core.avatars.collect();
    expect((await fetchPicture(id)).status).toBe(200);
    await append(room, ann.me.id, { type: 'room', action: 'avatar', avatar: null });
    fixture.pass(7 * DAY_MS);
    await server.core.avatars.collect();
    expect((await fetchPicture(id)).status).toBe(404);
  });

  test('[ADM-10] the storage page counts each picture once, and what is taken away no more', async () => {
    await using fixture = await setupProfiles();
    const { ann, bo, call, upload, pass, server } = fixture;
    const counted = async () => (await call('GET', '/api/admin/storage', { cookie: ann.cookie })).body['avatars'];
    const [one, other] = [picture(8, 1), picture(8, 2)];
    for (const { cookie } of [ann, bo]) for (const file of [one, other]) await upload(cookie, file);
    expect(await counted()).toBe(one.length + other.length);
    pass(7 * DAY_MS);
    await server.core.avatars.collect();
    expect(await counted()).toBe(0);
  });
});
