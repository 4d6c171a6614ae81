// Files that messages name: who is given them, and how.

import { expect, test } from 'vitest';
import { newEntryId, newRoomId } from '#protocol/ids.ts';
import { PICTURES } from '#protocol/media/testing/pictures.ts';
import { attachmentOf, FileClient, hashOf, messageWith, someBytes, type FileAnswer } from './file-client.ts';
import { setupFiles } from './files-fixture.ts';
import { setupHttp, type Person } from './http-fixture.ts';
import { makeStandingRoom, ROOM_CASES, type People } from './standing-room.ts';

test.each(ROOM_CASES)('[FILE-24] in a %s room as %s', async (kind, standing) => {
  await using fixture = await setupHttp();
  await fixture.setUp('Administrator');
  const names = ['actor', 'host', 'low', 'gone', 'outside'] as const;
  const people = {} as Record<(typeof names)[number], Person>;
  for (const name of names) people[name] = await fixture.signUp(name);
  const ids = Object.fromEntries(names.map((name) => [name, people[name].me.id])) as unknown as People;
  const { room } = await makeStandingRoom(fixture.rooms, kind, standing, ids);
  const bytes = someBytes();
  const low = new FileClient(fixture.origin, people.low);
  await low.upload(bytes);
  await fixture.append(room, people.low.me.id, messageWith(attachmentOf(bytes)));
  const actor = new FileClient(fixture.origin, people.actor);
  const isReader = (await fixture.rooms.summary(people.actor.me.id, room)) !== null;
  const answer = await actor.get(room, hashOf(bytes));
  expect(answer.status).toBe(isReader ? 200 : 404);
  expect(isReader).toBe(standing !== 'banned' && (standing !== 'stranger' || kind === 'public'));
  const nobody = new FileClient(fixture.origin, { cookie: '' });
  expect((await nobody.get(room, hashOf(bytes))).code).toBe('signed-out');
});

test('[FILE-24] a closed room, none, a file that is not there or in another room: all look alike', async () => {
  await using fixture = await setupFiles();
  const { ann, bo, anns, bos, say, makeRoom } = fixture;
  const [closed, own] = [await makeRoom(ann, 'Cellar', 'private'), await makeRoom(bo, 'Attic', 'private')];
  const bytes = someBytes();
  await anns.upload(bytes);
  await say(closed, ann, messageWith(attachmentOf(bytes)));
  const shape = ({ status, headers, bytes: body }: FileAnswer) => [
    status,
    body.toString(),
    [...headers].filter(([name]) => name !== 'date')
  ];
  const answers = [
    await bos.get(closed, hashOf(bytes)),
    await bos.get(closed, hashOf(someBytes())),
    await bos.get(newRoomId(), hashOf(bytes)),
    await bos.get(own, hashOf(bytes)),
    await bos.get(own, 'x'),
    await bos.get(own, '..%2f..%2fdb%2fCURRENT')
  ];
  for (const answer of answers) expect(shape(answer)).toEqual(shape(answers[0]!));
  expect(answers[0]!.status).toBe(404);
});

test('[FILE-11] nothing runs: pictures, audio and video are shown, all else is a download, and all in a sandbox', async () => {
  await using fixture = await setupFiles();
  const { ann, anns, say, makeRoom } = fixture;
  const room = await makeRoom(ann, 'Kitchen', 'public');
  const files: [string, Buffer<ArrayBuffer>, boolean][] = [
    ['image/png', Buffer.from(PICTURES.png), true],
    ['audio/mpeg', Buffer.from('ID3\x04 <script>alert(1)</script>'), true],
    ['text/html', Buffer.from('<!doctype html><script>alert(1)</script>'), false],
    ['image/svg+xml', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'), false],
    ['text/xml', Buffer.from('<?xml version="1.0"?><x:script xmlns:x="urn:x"/>'), false],
    ['text/plain', Buffer.from('alert(1)'), false],
    ['application/pdf', Buffer.from('%PDF-1.7 <script>'), false],
    ['application/octet-stream', someBytes(), false]
  ];
  for (const [type, bytes, isShown] of files) {
    await anns.upload(bytes);
    expect(await say(room, ann, messageWith(attachmentOf(bytes, { name: 'page.html' }))), type).toBeNull();
    const { headers, bytes: got } = await anns.get(room, hashOf(bytes));
    expect(got).toEqual(bytes);
    expect(headers.get('content-type'), type).toBe(isShown ? type : 'application/octet-stream');
    expect(headers.get('content-disposition'), type).toBe(isShown ? null : 'attachment');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toBe("sandbox; default-src 'none'");
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect(headers.get('cache-control')).toBe('private, no-store');
  }
});

test('[FILE-32] a hundred files asked for at once come all', async () => {
  await using fixture = await setupFiles();
  const { ann, anns, say, makeRoom } = fixture;
  const room = await makeRoom(ann, 'Kitchen', 'public');
  const bytes = someBytes(300_000);
  await anns.upload(bytes);
  await say(room, ann, messageWith(attachmentOf(bytes)));
  const answers = await Promise.all(Array.from({ length: 100 }, () => anns.get(room, hashOf(bytes))));
  expect(answers.every((answer) => answer.status === 200 && answer.bytes.equals(bytes))).toBe(true);
});

test('[FILE-25] one range, from the front, the middle or the end; what is not a range is all of it', async () => {
  await using fixture = await setupFiles();
  const { ann, anns, say, makeRoom } = fixture;
  const room = await makeRoom(ann, 'Kitchen', 'public');
  const bytes = someBytes(1_000);
  await anns.upload(bytes);
  await say(room, ann, messageWith(attachmentOf(bytes)));
  const get = (headers: Record<string, string>) => anns.get(room, hashOf(bytes), headers);
  for (const [range, from, to] of [
    ['bytes=0-0', 0, 0],
    ['bytes=10-19', 10, 19],
    ['bytes=990-', 990, 999],
    ['bytes=990-99999', 990, 999],
    ['bytes=-5', 995, 999],
    ['bytes=-99999', 0, 999]
  ] as const) {
    const answer = await get({ range });
    expect([answer.status, answer.headers.get('content-range')], range).toEqual([206, `bytes ${from}-${to}/1000`]);
    expect(answer.bytes, range).toEqual(bytes.subarray(from, to + 1));
  }
  for (const range of ['bytes=1000-', 'bytes=99999999999-', 'bytes=-0']) {
    const answer = await get({ range });
    expect([answer.status, answer.headers.get('content-range')], range).toEqual([416, 'bytes */1000']);
  }
  const many = Array.from({ length: 500 }, (_, at) => `${at}-${at}`).join(',');
  for (const range of [
    'bytes=5-1',
    'bytes=-',
    'bytes=a-b',
    'lines=0-1',
    'bytes=0-1,4-5',
    `bytes=${many}`,
    'bytes=1e3-2e3'
  ])
    expect([(await get({ range })).status, (await get({ range })).bytes.length], range).toEqual([200, 1_000]);
  const tag = `"${hashOf(bytes)}"`;
  expect((await get({ range: 'bytes=0-9', 'if-range': tag })).status).toBe(206);
  expect((await get({ range: 'bytes=0-9', 'if-range': '"other"' })).status).toBe(200);
  expect((await get({ 'if-none-match': tag })).status).toBe(304);
  const head = await anns.call('HEAD', `/api/rooms/${room}/blobs/${hashOf(bytes)}`);
  expect([head.status, head.headers.get('content-length'), head.bytes.length]).toEqual([200, '1000', 0]);
});

test('[FILE-26] the list of rooms says what the newest message carries, until it is taken away', async () => {
  await using fixture = await setupFiles();
  const { ann, anns, say, makeRoom, rooms } = fixture;
  const room = await makeRoom(ann, 'Kitchen', 'public');
  const [bytes, picture] = [someBytes(), Buffer.from(PICTURES.webp)];
  for (const one of [bytes, picture]) await anns.upload(one);
  const id = newEntryId(Date.now());
  await say(room, ann, { ...messageWith(attachmentOf(picture), attachmentOf(bytes)), body: 'Look' }, id);
  const last = async () => (await rooms.summary(ann.me.id, room))?.last;
  expect(await last()).toMatchObject({ type: 'message', body: 'Look', files: { kind: 'file', count: 2 } });
  // An edit changes the caption, to none too.
  expect(await say(room, ann, { type: 'edit', target: id, body: '' })).toBeNull();
  expect(await last()).toMatchObject({ body: '', files: { kind: 'file', count: 2 } });
  await say(room, ann, { type: 'redaction', target: id, of: ann.me.id });
  expect(await last()).not.toHaveProperty('files');
  const voice = Buffer.from('\x1a\x45\xdf\xa3\x42\x82\x84webm A_OPUS', 'latin1');
  await anns.upload(voice);
  await say(room, ann, { ...messageWith(attachmentOf(voice, { voice: true, duration: 12_400 })), body: '' });
  expect(await last()).toMatchObject({ files: { kind: 'voice', count: 1, duration: 12_400 } });
});
