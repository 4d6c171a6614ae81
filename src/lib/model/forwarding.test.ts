import { expect, test } from 'vitest';
import type { Entry } from '#protocol/entry.ts';
import { parseEntry } from '#protocol/parse-entry.ts';
import type { RoomKind } from '#protocol/entry-fields.ts';
import { newEntryId, newRoomId, newUserId } from '#protocol/ids.ts';
import { BODY_MAX_CHARS } from '#protocol/limits.ts';
import type { Preview } from '#protocol/preview.ts';
import type { PersonView } from './person-view.ts';
import type { MessageItem } from './timeline-item.ts';
import { forward, mayForward, originOf } from './forwarding.ts';

const person = (id: string) => ({ id, name: id }) as PersonView;
const KINDS: Readonly<Record<string, RoomKind>> = { open: 'public', other: 'public', crew: 'private', pair: 'direct' };
const kindOf = (room: string): RoomKind | null => KINDS[room] ?? null;
const said = (forwarded: MessageItem['forwarded'] = null) => ({ id: 'message-1', author: person('ann'), forwarded });
const origin = (from: string, to: string, forwarded: MessageItem['forwarded'] = null) =>
  originOf(said(forwarded), from, to, kindOf);

test('[FORWARD-2] a room that is not open to all is named in no other room', () => {
  expect(origin('open', 'crew')).toEqual({ author: 'ann', room: 'open', id: 'message-1' });
  expect(origin('crew', 'open')).toEqual({ author: 'ann' });
  expect(origin('pair', 'crew')).toEqual({ author: 'ann' });
  expect(origin('crew', 'crew')).toEqual({ author: 'ann', room: 'crew', id: 'message-1' });
});

test('[FORWARD-2] forwarded on, it keeps its first author, and its origin only where that may be told', () => {
  const fromBo = (room: string | null) => ({ author: person('bo'), room, id: room === null ? null : 'message-0' });
  expect(origin('crew', 'other', fromBo('open'))).toEqual({ author: 'bo', room: 'open', id: 'message-0' });
  expect(origin('crew', 'other', fromBo('crew'))).toEqual({ author: 'bo' });
  expect(origin('open', 'other', fromBo('a-room-one-is-not-in'))).toEqual({ author: 'bo' });
  expect(origin('open', 'other', fromBo(null))).toEqual({ author: 'bo' });
});

test('[FORWARD-3] what is gone, was refused or is voted on is not forwarded', () => {
  const item = { redacted: null, poll: null, state: 'arrived' } as MessageItem;
  expect(mayForward(item)).toBe(true);
  expect(mayForward({ ...item, state: 'kept' })).toBe(true);
  expect(mayForward({ ...item, state: 'failed' })).toBe(false);
  expect(mayForward({ ...item, redacted: { by: person('ann'), own: false, withAccount: false } })).toBe(false);
  expect(mayForward({ ...item, poll: {} as MessageItem['poll'] })).toBe(false);
});

const URL_OF = 'https://a.example/';
/** As large as one may be: a WebP of 8 × 6, padded. */
const large: Preview = {
  ...{ url: URL_OF, title: 'Tide', description: '潮'.repeat(290) },
  picture: { type: 'image/webp', width: 8, height: 6, data: webp() }
};

function webp(): string {
  const body = Buffer.alloc(12_200);
  body.set([0x90, 0x01, 0x00, 0x9d, 0x01, 0x2a, 8, 0, 6, 0]);
  const head = Buffer.alloc(20);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(12 + body.length, 4);
  head.write('WEBPVP8 ', 8, 'latin1');
  head.writeUInt32LE(body.length, 16);
  return Buffer.concat([head, body]).toString('base64');
}

/** @returns what is said in the other room */
async function forwarded(change: Partial<MessageItem>): Promise<Entry> {
  const said: Entry[] = [];
  const client = {
    ...{ me: { id: newUserId() }, clock: () => ({ next: () => 1 }), list: { get: () => undefined } },
    composedFiles: { hold: () => Promise.resolve(), sent: () => Promise.resolve() },
    outbox: { add: async (_room: string, entry: Entry) => void said.push(entry) }
  };
  const item = {
    ...{ id: newEntryId(1), body: '', attachments: [], author: { ...person('ann'), id: newUserId() } },
    ...{ preview: null, forwarded: null, action: false, poll: null },
    ...change
  } as unknown as MessageItem;
  const wish = { item, from: newRoomId(), to: [newRoomId()], comment: '' };
  await forward(
    client as unknown as Parameters<typeof forward>[0],
    wish,
    () => 'private',
    () => 1
  );
  return said[0]!;
}

test('[PREVIEW-12] a message that was edited to be long is forwarded, with as much of its preview as has room', async () => {
  const short = await forwarded({ body: URL_OF, preview: large });
  expect(short).toMatchObject({ preview: large });
  const most = await forwarded({
    body: `${URL_OF} ${'潮'.repeat(BODY_MAX_CHARS - URL_OF.length - 1)}`,
    preview: large
  });
  expect(most).not.toHaveProperty('preview');
  for (const entry of [short, most]) expect(parseEntry(entry)).toMatchObject({ ok: true });
});

test('[PREVIEW-12] the name before what somebody says of themselves may make code of the link: then it has no preview', async () => {
  const author = { ...person('ann'), id: newUserId(), name: 'a`nn' };
  const entry = await forwarded({ ...{ author, action: true, preview: large }, body: `reads ${URL_OF} ` + '`' });
  expect(entry).not.toHaveProperty('preview');
  expect(parseEntry(entry)).toMatchObject({ ok: true });
});
