// Files on their way in: what tus asks of a server, and what people try with one.

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { UPLOAD_KEPT_MS, UPLOADS_MAX } from '#protocol/limits.ts';
import { PICTURES, TELLING_PICTURES } from '#protocol/media/testing/pictures.ts';
import type { FileLimits } from '../../sync-server/blobs/uploads.ts';
import { eventually } from '../eventually.ts';
import { seededRandom } from '../seeded-random.ts';
import { attachmentOf, FileClient, hashOf, messageWith, someBytes } from './file-client.ts';
import { setupHttp, type Person } from './http-fixture.ts';

/** All are synced to the disk, each on its own. */
const FILES_EACH = 20;
const LIMITS: FileLimits = { maxBytes: 2_000_000, quotaBytes: 5_000_000, types: null };

async function setup(fileLimits: FileLimits = LIMITS) {
  const fixture = await setupHttp({ fileLimits });
  const ann = await fixture.setUp('Ann');
  const bo = await fixture.signUp('Bo');
  const clientOf = (person: Pick<Person, 'cookie'>) => new FileClient(fixture.origin, person);
  const blobPath = (hash: string) => fixture.server.core.blobFolder.blobPath(hash);
  return {
    ...fixture,
    ...{ ann, bo, clientOf, blobPath, anns: clientOf(ann), bos: clientOf(bo) },
    /** Names of files in a folder of the data folder, whatever the folders in it. */
    files: async (name: 'blobs' | 'uploads') =>
      (
        await readdir(path.join(path.dirname(blobPath('A'.repeat(43))), '../..', name), {
          recursive: true,
          withFileTypes: true
        })
      )
        .filter((entry) => entry.isFile())
        .map((entry) => entry.name)
        .sort()
  };
}

describe('uploads', () => {
  test('[FILE-12] a file goes up in parts, and on from where it was', async () => {
    await using fixture = await setup();
    const { anns } = fixture;
    const bytes = someBytes(200_000);
    const created = await anns.create(hashOf(bytes), bytes.length);
    expect(created.status).toBe(201);
    expect(created.headers.get('upload-offset')).toBe('0');
    expect(Date.parse(created.headers.get('upload-expires')!)).toBeGreaterThan(Date.now() + UPLOAD_KEPT_MS - 60_000);
    const address = created.headers.get('location')!;
    expect(await anns.offset(address)).toBe(0);
    const first = await anns.patch(address, 0, bytes.subarray(0, 70_000));
    expect([first.status, first.headers.get('upload-offset')]).toEqual([204, '70000']);
    expect(await anns.offset(address)).toBe(70_000);
    const last = await anns.patch(address, 70_000, bytes.subarray(70_000));
    expect([last.status, last.headers.get('upload-offset')]).toEqual([204, '200000']);
    expect(await readFile(fixture.blobPath(hashOf(bytes)))).toEqual(bytes);
    expect(await fixture.files('uploads')).toEqual([]);
    expect(await anns.offset(address)).toBe(null);
  });

  test('[FILE-12] what is offered of tus is said', async () => {
    await using fixture = await setup();
    const { anns } = fixture;
    const { status, headers } = await anns.call('OPTIONS', '/api/uploads');
    expect(status).toBe(204);
    expect(headers.get('tus-extension')).toBe('creation,checksum,termination,expiration');
    expect(headers.get('tus-max-size')).toBe(String(LIMITS.maxBytes));
    const other = await anns.call('POST', '/api/uploads', { 'tus-resumable': '0.2.2', 'upload-length': '5' });
    expect([other.status, other.headers.get('tus-version')]).toEqual([412, '1.0.0']);
  });

  test('[FILE-13] no game with offsets and lengths gives more, less or other bytes than announced', async () => {
    await using fixture = await setup();
    const { anns } = fixture;
    const bytes = someBytes(1_000);
    const address = await anns.begin(bytes);
    for (const offset of [1, 1_000, 999_999_999_999]) {
      const answer = await anns.patch(address, offset, bytes);
      expect([answer.status, answer.code], String(offset)).toEqual([409, 'upload-offset']);
    }
    for (const offset of ['-1', '1e3', '0x0', ' ', '00', '99999999999999999'])
      expect((await anns.patch(address, offset, bytes)).status, offset).toBe(400);
    expect((await anns.patch(address, 0, Buffer.concat([bytes, bytes]))).code).toBe('too-large');
    expect(
      (await anns.call('PATCH', address, { 'content-type': 'text/plain', 'upload-offset': '0' }, 'hello')).status
    ).toBe(415);
    for (const length of ['', '0', '-5', '1.5', '9'.repeat(30)]) {
      const answer = await anns.call('POST', '/api/uploads', { 'upload-length': length });
      expect(answer.code, length).toBe('bad-request');
    }
    // What fits of too much is not kept beyond the announced length, and the upload goes on.
    const offset = (await anns.offset(address))!;
    expect(offset).toBeLessThanOrEqual(1_000);
    expect((await anns.patch(address, offset, bytes.subarray(offset))).status).toBe(204);
    expect(await readFile(fixture.blobPath(hashOf(bytes)))).toEqual(bytes);
  });

  test('[FILE-13] a part whose checksum does not fit is as if it had not come', async () => {
    await using fixture = await setup();
    const { anns } = fixture;
    const bytes = someBytes(9_000);
    const address = await anns.begin(bytes);
    const sum = (part: Uint8Array, name = 'sha256') => `${name} ${createHash(name).update(part).digest('base64')}`;
    const [first, rest] = [bytes.subarray(0, 4_000), bytes.subarray(4_000)];
    expect((await anns.patch(address, 0, first, { 'upload-checksum': sum(first) })).status).toBe(204);
    const damaged = await anns.patch(address, 4_000, rest, { 'upload-checksum': sum(first) });
    expect([damaged.status, damaged.code]).toEqual([460, 'upload-checksum']);
    expect(await anns.offset(address)).toBe(4_000);
    expect((await anns.patch(address, 4_000, rest, { 'upload-checksum': 'crc32 AAAA' })).status).toBe(400);
    expect((await anns.patch(address, 4_000, rest, { 'upload-checksum': sum(rest, 'sha1') })).status).toBe(204);
  });

  test('[FILE-13] other bytes than announced become no file', async () => {
    await using fixture = await setup();
    const { anns } = fixture;
    const [bytes, others] = [someBytes(), someBytes()];
    const address = await anns.begin(bytes);
    expect((await anns.patch(address, 0, others)).code).toBe('file-differs');
    expect(await anns.offset(address)).toBe(null);
    expect([await fixture.files('blobs'), await fixture.files('uploads')]).toEqual([[], []]);
  });

  test('[FILE-14] an upload is its owner’s alone, and its id no path', async () => {
    await using fixture = await setup();
    const { anns, bos } = fixture;
    const bytes = someBytes();
    const address = await anns.begin(bytes);
    const signedOut = new FileClient(fixture.origin, { cookie: '' });
    expect((await signedOut.patch(address, 0, bytes)).code).toBe('signed-out');
    const foreign = await bos.patch(address, 0, bytes);
    const none = await bos.patch(`/api/uploads/${'A'.repeat(22)}`, 0, bytes);
    expect([foreign.status, foreign.bytes.toString()]).toEqual([404, none.bytes.toString()]);
    expect(await bos.offset(address)).toBe(null);
    expect((await bos.call('DELETE', address)).status).toBe(404);
    for (const id of ['..%2F..%2Fdb%2FCURRENT', '%2e%2e', 'CURRENT', '..%5c..%5cx', 'a'.repeat(23), '%00'.repeat(22)])
      expect((await anns.call('DELETE', `/api/uploads/${id}`)).status, id).toBeGreaterThanOrEqual(400);
    expect(await anns.offset(address)).toBe(0);
    expect((await anns.call('DELETE', address)).status).toBe(204);
    expect(await fixture.files('uploads')).toEqual([]);
  });

  test('[FILE-14] a page of another origin uploads nothing', async () => {
    await using fixture = await setup();
    const headers = { origin: 'https://evil.example', 'upload-length': '5' };
    expect((await fixture.anns.call('POST', '/api/uploads', headers)).code).toBe('origin');
  });

  test('[FILE-15] who comes back on another line takes the upload over from the one that is dead', async () => {
    await using fixture = await setup();
    const { anns } = fixture;
    const bytes = someBytes(100_000);
    const address = await anns.begin(bytes);
    const { promise: forever } = Promise.withResolvers<void>();
    let sent = 0;
    const hanging = new ReadableStream({
      async pull(controller) {
        if (sent++ === 0) controller.enqueue(bytes.subarray(0, 30_000));
        else await forever;
      }
    });
    const dead = anns.patch(address, 0, hanging).catch(() => 'cut off');
    const record = path.basename(address);
    await eventually(async () => expect((await fixture.server.core.blobFolder.upload(record))?.size).toBe(30_000));
    expect(await anns.offset(address)).toBe(30_000);
    expect(await dead).toBe('cut off');
    expect((await anns.patch(address, 30_000, bytes.subarray(30_000))).status).toBe(204);
    expect(await readFile(fixture.blobPath(hashOf(bytes)))).toEqual(bytes);
  });

  test('[FILE-16] limits: of a file, of a person, of types, of uploads at once, of the disk', async () => {
    await using fixture = await setup({ ...LIMITS, types: ['image/*', 'application/octet-stream'] });
    const { anns, bos } = fixture;
    const large = await anns.create(hashOf(someBytes()), LIMITS.maxBytes + 1);
    expect([large.status, large.code]).toEqual([413, 'too-large']);
    const allowed = JSON.parse((await anns.call('GET', '/api/uploads')).bytes.toString()) as object;
    expect(allowed).toEqual({
      maxBytes: LIMITS.maxBytes,
      used: 0,
      quota: LIMITS.quotaBytes,
      types: ['image/*', 'application/octet-stream']
    });
    expect((await anns.upload(Buffer.from('a text that is not taken'))).code).toBe('file-type');
    expect((await anns.upload(PICTURES.png)).status).toBe(204);

    for (let at = 0; at < 2; at++) expect((await bos.create(hashOf(someBytes()), 2_000_000)).status).toBe(201);
    const over = await bos.create(hashOf(someBytes()), 2_000_000);
    expect([over.status, over.code]).toEqual([413, 'quota']);
    expect((await anns.create(hashOf(someBytes()), 2_000_000)).status).toBe(201);

    const cy = fixture.clientOf(await fixture.signUp('Cy'));
    for (let at = 0; at < UPLOADS_MAX; at++) expect((await cy.create(hashOf(someBytes()), 10)).status).toBe(201);
    expect((await cy.create(hashOf(someBytes()), 10)).code).toBe('too-many');

    fixture.server.core.blobFolder.freeBytes = async () => 100_000_000;
    const full = await anns.create(hashOf(someBytes()), 10);
    expect([full.status, full.code]).toEqual([507, 'disk-full']);
  });

  test.each([
    [
      'a polyglot of a picture and a script',
      Buffer.concat([PICTURES.gif, Buffer.from('/*<script>alert(1)</script>*/')]),
      'file-broken'
    ],
    [
      'a picture with an archive behind it',
      Buffer.concat([PICTURES.jpeg, Buffer.from('PK\x03\x04evil')]),
      'file-broken'
    ],
    ['half a picture', PICTURES.webp.slice(0, 40), 'file-broken'],
    ['a picture that says where it was taken', TELLING_PICTURES.jpeg, 'file-metadata'],
    ['a bomb', Uint8Array.from(PICTURES.png, (byte, at) => (at >= 16 && at < 24 ? 0x7f : byte)), 'file-pixels']
  ])('[FILE-16] %s is refused, and nothing of it stays', async (_what, bytes, code) => {
    await using fixture = await setup();
    const answer = await fixture.anns.upload(Buffer.from(bytes));
    expect([answer.status, answer.code]).toEqual([422, code]);
    expect([await fixture.files('blobs'), await fixture.files('uploads')]).toEqual([[], []]);
  });

  test('[FILE-17] the same bytes are kept once, whoever sends them, two at once too', async () => {
    await using fixture = await setup();
    const { anns, bos } = fixture;
    const bytes = someBytes(50_000);
    const answers = await Promise.all([anns.upload(bytes), anns.upload(bytes), bos.upload(bytes)]);
    expect(answers.map(({ status }) => status)).toEqual([204, 204, 204]);
    expect(await fixture.files('blobs')).toEqual([hashOf(bytes)]);
    expect(await fixture.files('uploads')).toEqual([]);
    // Who has sent them all need not do it again; who has not, must, and learns nothing from it.
    expect((await bos.create(hashOf(bytes), bytes.length)).headers.get('upload-offset')).toBe('50000');
    const cy = fixture.clientOf(await fixture.signUp('Cy'));
    expect((await cy.create(hashOf(bytes), bytes.length)).headers.get('upload-offset')).toBe('0');
    expect((await bos.create(hashOf(bytes), bytes.length - 1)).headers.get('upload-offset')).toBe('0');
  });

  test('[FILE-18] what nobody goes on with, and what no message names, is gone after a day', async () => {
    await using fixture = await setup();
    const { anns, ann, server } = fixture;
    const { uploads, blobs } = server.core;
    const collect = async () => {
      await uploads.collect();
      await blobs.collect();
    };
    const [open, unnamed, named] = [someBytes(), someBytes(), someBytes()];
    const address = await anns.begin(open);
    await anns.upload(unnamed);
    await anns.upload(named);
    const room = await fixture.makeRoom(ann, 'Kitchen', 'private');
    await fixture.append(room, ann.me.id, messageWith(attachmentOf(named)));
    fixture.pass(UPLOAD_KEPT_MS / 2);
    await anns.patch(address, 0, open.subarray(0, 500));
    fixture.pass(UPLOAD_KEPT_MS / 2 - 60_000);
    await collect();
    expect(await fixture.files('blobs')).toEqual([hashOf(unnamed), hashOf(named)].sort());
    fixture.pass(120_000);
    await collect();
    expect(await fixture.files('blobs')).toEqual([hashOf(named)]);
    expect(await fixture.files('uploads')).toEqual([path.basename(address)]);
    fixture.pass(UPLOAD_KEPT_MS);
    await collect();
    expect([await fixture.files('blobs'), await fixture.files('uploads')]).toEqual([[hashOf(named)], []]);
    expect((await anns.get(room, hashOf(named))).status).toBe(200);
  });

  test(`[FILE-19] ${50 * FILES_EACH} uploads of 50 people at once: none is lost, none mixed up`, async () => {
    await using fixture = await setup({ ...LIMITS, quotaBytes: 50_000_000 });
    const seed = Number(process.env['ROOST_SEED'] ?? Date.now() % 1e9);
    console.log(`seed ${seed} (repeat with ROOST_SEED)`);
    const random = seededRandom(seed);
    const { accounts, sessions } = fixture.server.core;
    const clients: FileClient[] = [];
    for (let at = 0; at < 50; at++) {
      const made = await accounts.create({ name: `Person ${at}`, admin: false, password: null });
      if (made === 'not-first' || !made.ok) throw new Error('no account');
      const { token } = await sessions.start(made.account, 'token');
      clients.push(new FileClient(fixture.origin, { token }));
    }
    const shared = someBytes(5_000);
    const files = clients.map(() =>
      Array.from({ length: FILES_EACH }, (_, at) => (at === 0 ? shared : someBytes(2 + Math.floor(random() * 9_000))))
    );
    const upload = async (client: FileClient, bytes: Buffer<ArrayBuffer>): Promise<number> => {
      const address = await client.begin(bytes);
      const cut = Math.floor(random() * bytes.length);
      if (cut > 0) await client.patch(address, 0, bytes.subarray(0, cut));
      return (await client.patch(address, cut, bytes.subarray(cut))).status;
    };
    const answers = await Promise.all(
      clients.flatMap((client, who) => files[who]!.map((bytes) => upload(client, bytes)))
    );
    expect(new Set(answers)).toEqual(new Set([204]));
    const kept = files.flat();
    for (const bytes of kept) expect(hashOf(await readFile(fixture.blobPath(hashOf(bytes))))).toBe(hashOf(bytes));
    expect(await fixture.files('blobs')).toEqual([...new Set(kept.map(hashOf))].sort());
    expect(await fixture.files('uploads')).toEqual([]);
    for (const [who, client] of clients.entries()) {
      const { used } = JSON.parse((await client.call('GET', '/api/uploads')).bytes.toString()) as { used: number };
      expect(used).toBe(files[who]!.reduce((sum, { length }) => sum + Math.max(length, 4_096), 0));
    }
  }, 120_000);
});
