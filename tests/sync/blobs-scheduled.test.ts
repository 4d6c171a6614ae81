// Files of messages that are sent later: there from the moment that one is kept, for as long as it is.

import { expect, test } from 'vitest';
import { newEntryId } from '#protocol/ids.ts';
import { UPLOAD_KEPT_MS } from '#protocol/limits.ts';
import { attachmentOf, messageWith, someBytes } from './file-client.ts';
import { setupFiles } from './files-fixture.ts';
import { PASSWORD, type Person } from './http-fixture.ts';

/** @param at epoch ms */
const messageAt = (at: number, { me }: Person, file: Buffer) => ({
  ...{ id: newEntryId(at), author: me.id, sentAt: at },
  ...messageWith(attachmentOf(file))
});
const sessionOf = ({ me }: Person) => ({ id: 'x'.repeat(22), kind: 'token', user: { id: me.id } }) as const;

test('[FILE-22] a scheduled message needs its files at once, and keeps them until it is sent', async () => {
  await using fixture = await setupFiles();
  const { ann, anns, say, makeRoom, isKept, nextDay, server } = fixture;
  const { scheduled } = server.core;
  const room = await makeRoom(ann, 'Kitchen', 'public');
  const [bytes, dropped] = [someBytes(), someBytes()];
  const at = Date.now() + 3 * UPLOAD_KEPT_MS;
  const session = sessionOf(ann);
  expect(await scheduled.put(session, room, messageAt(at, ann, bytes))).toEqual({
    outcome: 'refused',
    code: 'attachment'
  });
  for (const one of [bytes, dropped]) await anns.upload(one);
  expect(await scheduled.put(session, room, messageAt(at, ann, bytes))).toEqual({ outcome: 'kept' });
  const taken = messageAt(at, ann, dropped);
  expect(await scheduled.put(session, room, taken)).toEqual({ outcome: 'kept' });
  await nextDay();
  expect([await isKept(bytes), await isKept(dropped)]).toEqual([true, true]);
  await scheduled.remove(ann.me.id, room, taken.id);
  await nextDay();
  expect([await isKept(bytes), await isKept(dropped)]).toEqual([true, false]);
  expect(await say(room, ann, messageWith(attachmentOf(bytes)))).toBeNull();
});

test.for(['is taken back', 'is changed to one without it'] as const)(
  '[FILE-22] a file that stayed for a scheduled message of somebody else alone goes when that %s',
  async (how) => {
    await using fixture = await setupFiles();
    const { ann, anns, bo, say, join, makeRoom, isKept, nextDay, server } = fixture;
    const { scheduled, blobs } = server.core;
    const room = await makeRoom(ann, 'Kitchen', 'public');
    const bytes = someBytes();
    await anns.upload(bytes);
    const said = newEntryId(1);
    expect(await say(room, ann, messageWith(attachmentOf(bytes)), said)).toBeNull();
    await join(room, bo);
    const at = Date.now() + 9 * UPLOAD_KEPT_MS;
    const later = messageAt(at, bo, bytes);
    const session = sessionOf(bo);
    expect(await scheduled.put(session, room, later)).toEqual({ outcome: 'kept' });
    await say(room, ann, { type: 'redaction', target: said, of: ann.me.id });
    await blobs.settled();
    expect(await isKept(bytes)).toBe(true);
    if (how === 'is taken back') expect(await scheduled.remove(bo.me.id, room, later.id)).toBe('removed');
    else {
      const { attachments: _, ...words } = { ...later, body: 'Never mind the picture' };
      expect(await scheduled.put(session, room, words)).toEqual({ outcome: 'kept' });
    }
    await nextDay();
    expect(await isKept(bytes)).toBe(false);
  }
);

test('[FILE-22] what is to be sent later counts against the space of its author; with their account it goes, and its files', async () => {
  await using fixture = await setupFiles();
  const { bo, bos, call, join, ann, makeRoom, isKept, nextDay, server } = fixture;
  const { scheduled, blobs } = server.core;
  const room = await makeRoom(ann, 'Kitchen', 'public');
  await join(room, bo);
  const bytes = someBytes();
  await bos.upload(bytes);
  const at = Date.now() + 9 * UPLOAD_KEPT_MS;
  const later = messageAt(at, bo, bytes);
  const session = sessionOf(bo);
  expect(await scheduled.put(session, room, later)).toEqual({ outcome: 'kept' });
  await nextDay();
  const { body } = await call('GET', '/api/uploads', { cookie: bo.cookie });
  expect(body).toMatchObject({ used: 4_096 });
  const ended = await call('DELETE', '/api/account', {
    cookie: bo.cookie,
    body: { password: PASSWORD, messages: false }
  });
  expect(ended.status).toBe(204);
  await blobs.settled();
  await nextDay();
  expect(await scheduled.of(bo.me.id)).toEqual([]);
  expect(await isKept(bytes)).toBe(false);
});
