// Files that messages name: who may name them, and what takes them off the disk.

import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Attachment } from '#protocol/attachment.ts';
import { newEntryId } from '#protocol/ids.ts';
import { PICTURES } from '#protocol/media/testing/pictures.ts';
import { eventually } from '../eventually.ts';
import type { Session } from '../../sync-server/accounts/session.ts';
import { SigningDevice } from '../../sync-server/gate/testing/signing-device.ts';
import { DocClient } from '../../sync-server/rooms/testing/doc-client.ts';
import { attachmentOf, hashOf, messageWith, someBytes } from './file-client.ts';
import { setupFiles } from './files-fixture.ts';
import { PASSWORD } from './http-fixture.ts';

describe('who may name a file', () => {
  test('[FILE-20] to know its hash gives nothing: all its bytes do, or a message that one can read', async () => {
    await using fixture = await setupFiles();
    const { ann, bo, cy, anns, bos, cys, say, join, makeRoom } = fixture;
    const bytes = someBytes();
    const file = attachmentOf(bytes);
    const [kitchen, cellar, attic] = [
      await makeRoom(ann, 'Kitchen', 'public'),
      await makeRoom(ann, 'Cellar', 'private'),
      await makeRoom(bo, 'Attic', 'public')
    ];
    expect(await say(kitchen, ann, messageWith(file))).toBe('attachment');
    const address = await anns.begin(bytes);
    await anns.patch(address, 0, bytes.subarray(0, 999));
    expect(await say(kitchen, ann, messageWith(file)), 'not all of it').toBe('attachment');
    await anns.patch(address, 999, bytes.subarray(999));
    expect(await say(attic, bo, messageWith(file)), 'another’s').toBe('attachment');
    expect(await say(cellar, ann, messageWith(file))).toBeNull();
    expect(await say(attic, bo, messageWith(file)), 'in a room that is closed to them').toBe('attachment');
    expect((await bos.get(attic, file.hash)).status).toBe(404);
    await say(cellar, ann, { type: 'membership', action: 'invited', user: bo.me.id });
    // Whoever is invited may read, so may forward.
    expect(await say(attic, bo, { ...messageWith(file), forwarded: { author: ann.me.id } })).toBeNull();
    expect((await bos.get(attic, file.hash)).bytes).toEqual(bytes);
    // Another one can, out of the public room; who was banned from it cannot.
    await join(attic, cy);
    await say(attic, bo, { type: 'membership', action: 'banned', user: cy.me.id });
    expect(await say(kitchen, cy, messageWith(file))).toBe('attachment');
    await say(attic, bo, { type: 'membership', action: 'unbanned', user: cy.me.id });
    expect(await say(kitchen, cy, messageWith(file))).toBeNull();
    expect((await cys.get(kitchen, file.hash)).status).toBe(200);
  });

  test('[FILE-20] the same entry is taken once its file is there', async () => {
    await using fixture = await setupFiles();
    const { ann, anns, say, makeRoom } = fixture;
    const room = await makeRoom(ann, 'Kitchen', 'public');
    const bytes = someBytes();
    const id = newEntryId(Date.now());
    expect(await say(room, ann, messageWith(attachmentOf(bytes)), id)).toBe('attachment');
    await anns.upload(bytes);
    expect(await say(room, ann, messageWith(attachmentOf(bytes)), id)).toBeNull();
  });

  test('[FILE-21] what is said of a file is held against its bytes, of thumbnails too', async () => {
    await using fixture = await setupFiles();
    const { ann, anns, say, makeRoom } = fixture;
    const room = await makeRoom(ann, 'Kitchen', 'public');
    const page = Buffer.from('<!doctype html><script>alert(1)</script>');
    const picture = Buffer.from(PICTURES.png);
    for (const bytes of [page, picture]) await anns.upload(bytes);
    const size = { width: 8, height: 6 };
    const false1: Attachment = { ...attachmentOf(page, size), type: 'image/png' };
    const thumbnail = { hash: hashOf(page), type: 'image/webp', size: page.length, ...size };
    for (const file of [false1, attachmentOf(picture, { size: 5 }), attachmentOf(picture, { ...size, thumbnail })])
      expect(await say(room, ann, messageWith(file))).toBe('attachment');
    expect(await say(room, ann, messageWith(attachmentOf(page), attachmentOf(picture, size)))).toBeNull();
  });

  test('[FILE-23] words that another brings back are taken without a file that is not here, and give nobody one', async () => {
    await using fixture = await setupFiles();
    const { ann, bo, anns, bos, server, makeRoom, join } = fixture;
    const room = await makeRoom(ann, 'Kitchen', 'public');
    await join(room, bo);
    const bytes = someBytes();
    const device = new SigningDevice(ann.me.id);
    const { x } = device.key().publicKey.export({ format: 'jwk' });
    const session = { id: 's'.repeat(22), kind: 'cookie', user: ann.me } as Session;
    expect(await server.core.devices.register(session, 'A laptop', x!)).toMatchObject({ ok: true });
    const entry = device.sign(room, {
      id: newEntryId(Date.now()),
      author: ann.me.id,
      sentAt: Date.now(),
      ...messageWith(attachmentOf(bytes))
    });
    const carrier = new DocClient(bo.me.id, { room, page: 0 });
    await carrier.connect(server.core.rooms, { stock: true });
    carrier.append(entry);
    await eventually(async () => expect(await server.core.rooms.holds(room, entry)).toBe(true));
    await anns.upload(bytes);
    expect((await anns.get(room, hashOf(bytes))).status).toBe(404);
    expect((await bos.get(room, hashOf(bytes))).status).toBe(404);
  });
});

describe('what takes a file away', () => {
  test('[ERASE-27] redaction: of the last message that names it, thumbnails too, and what comes in of it', async () => {
    await using fixture = await setupFiles();
    const { ann, anns, bos, say, makeRoom, isKept, swept } = fixture;
    const room = await makeRoom(ann, 'Kitchen', 'public');
    const [bytes, thumb] = [Buffer.from(PICTURES.canvasPng), Buffer.from(PICTURES.webp)];
    for (const one of [bytes, thumb]) await anns.upload(one);
    const size = { width: 8, height: 6 };
    const thumbnail = { hash: hashOf(thumb), type: 'image/webp', size: thumb.length, ...size };
    const ids = [newEntryId(1), newEntryId(2)];
    for (const id of ids) await say(room, ann, messageWith(attachmentOf(bytes, { ...size, thumbnail })), id);
    const redact = (target: string) => say(room, ann, { type: 'redaction', target, of: ann.me.id });
    await redact(ids[0]!);
    await swept();
    expect([await isKept(bytes), await isKept(thumb)]).toEqual([true, true]);
    await redact(ids[1]!);
    expect((await bos.get(room, hashOf(bytes))).status).toBe(404);
    await swept();
    expect([await isKept(bytes), await isKept(thumb)]).toEqual([false, false]);
    // It counts against nobody any more, and is nobody's to name.
    const used = JSON.parse((await anns.call('GET', '/api/uploads')).bytes.toString()) as { used: number };
    expect(used.used).toBe(0);
    expect(await say(room, ann, messageWith(attachmentOf(bytes)))).toBe('attachment');
  });

  test('[ERASE-27] it stays as long as another names it or has just brought it, in whatever room', async () => {
    await using fixture = await setupFiles();
    const { ann, bo, anns, bos, say, join, makeRoom, isKept, swept } = fixture;
    const [kitchen, attic] = [await makeRoom(ann, 'Kitchen', 'public'), await makeRoom(bo, 'Attic', 'private')];
    const [forwarded, brought] = [someBytes(), someBytes()];
    for (const one of [forwarded, brought]) await anns.upload(one);
    const ids = [newEntryId(1), newEntryId(2)];
    await say(kitchen, ann, messageWith(attachmentOf(forwarded)), ids[0]);
    await say(kitchen, ann, messageWith(attachmentOf(brought)), ids[1]);
    await join(kitchen, bo);
    await say(attic, bo, messageWith(attachmentOf(forwarded)));
    await bos.upload(brought);
    for (const target of ids) await say(kitchen, ann, { type: 'redaction', target, of: ann.me.id });
    await swept();
    expect([await isKept(forwarded), await isKept(brought)]).toEqual([true, true]);
    expect((await anns.get(kitchen, hashOf(forwarded))).status).toBe(404);
    expect((await bos.get(attic, hashOf(forwarded))).status).toBe(200);
    expect(await say(attic, bo, messageWith(attachmentOf(brought)))).toBeNull();
  });

  test('[ERASE-27] the end of a room', async () => {
    await using fixture = await setupFiles();
    const { ann, anns, say, makeRoom, isKept, swept, rooms } = fixture;
    const room = await makeRoom(ann, 'Kitchen', 'private');
    const bytes = someBytes();
    await anns.upload(bytes);
    await say(room, ann, messageWith(attachmentOf(bytes)));
    await say(room, ann, { type: 'room', action: 'deleted' });
    await swept();
    expect(await rooms.summary(ann.me.id, room)).toBeNull();
    expect(await isKept(bytes)).toBe(false);
  });

  test('[ERASE-27] the end of an account: with its messages, or without what they name; unfinished uploads always', async () => {
    await using fixture = await setupFiles();
    const { ann, bo, cy, bos, cys, say, join, makeRoom, isKept, swept, call, server } = fixture;
    const room = await makeRoom(ann, 'Kitchen', 'public');
    const [bosFile, cysFile, unnamed, unfinished] = [someBytes(), someBytes(), someBytes(), someBytes()];
    for (const person of [bo, cy]) await join(room, person);
    await bos.upload(bosFile);
    await say(room, bo, messageWith(attachmentOf(bosFile)));
    for (const one of [cysFile, unnamed]) await cys.upload(one);
    await say(room, cy, messageWith(attachmentOf(cysFile)));
    await cys.patch(await cys.begin(unfinished), 0, unfinished.subarray(0, 500));
    for (const [{ cookie }, messages] of [
      [bo, true],
      [cy, false]
    ] as const) {
      const answer = await call('DELETE', '/api/account', { cookie, body: { password: PASSWORD, messages } });
      expect(answer.status).toBe(204);
    }
    await swept();
    expect(await isKept(bosFile)).toBe(false);
    expect([await isKept(cysFile), await isKept(unnamed)]).toEqual([true, false]);
    const uploads = path.join(path.dirname(server.core.blobFolder.uploadPath('A'.repeat(22))));
    expect(await readdir(uploads)).toEqual([]);
    expect((await fixture.anns.get(room, hashOf(cysFile))).bytes).toEqual(cysFile);
  });
});
