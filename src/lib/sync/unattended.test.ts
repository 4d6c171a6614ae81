import { expect, test } from 'vitest';
import type { Entry } from '#protocol/entry.ts';
import { newEntryId, type BlobHash } from '#protocol/ids.ts';
import { UPLOAD_KEPT_MS } from '#protocol/limits.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import { blobHash, sha256With } from '../storage/blob-hash.ts';
import type { UploadRow } from '../storage/blob-rows.ts';
import type { OutboxRow } from '../storage/user-db.ts';
import { FakeTus } from './testing/fake-tus.ts';
import { Tus } from './tus.ts';
import { sendUnattended, unattended } from './unattended.ts';

const ROOM = 'r'.repeat(22);
const NOW = 1_700_000_000_000;
const ANN = 'a'.repeat(22);
let clock = 0;

function row(more: object, of: Partial<OutboxRow> = {}): OutboxRow {
  const sentAt = NOW + (clock += 1);
  const entry = { id: newEntryId(sentAt), type: 'message', author: ANN, sentAt, body: 'Ahoy', ...more } as Entry;
  return { room: ROOM, id: entry.id, entry, state: 'kept', code: null, page: 0, tab: 'gone', ...of };
}
const idsOf = (rows: readonly OutboxRow[]): string[] => rows.map(({ id }) => id);

/** A server that takes what it is sent, and a device's files. */
function setup(answers: Readonly<Record<string, RefusalCode | number>> = {}) {
  const gone = new Set<string>();
  let always: string | null = null;
  const server = new FakeTus();
  const posted: string[] = [];
  const taken: string[] = [];
  const uploads = new Map<BlobHash, UploadRow>();
  const files = new Map<BlobHash, Blob>();
  const asFetch: typeof server.fetch = async (path, init = {}) => {
    if (!path.endsWith('/entries')) return server.fetch(path, init);
    if (!server.online) throw new TypeError('fetch failed');
    if (always !== null) return new Response(always);
    const { entry } = JSON.parse(init.body as string) as { entry: Entry };
    const answer = answers[entry.id];
    if (typeof answer === 'number') return new Response('{}', { status: answer });
    if (answer !== undefined) return Response.json({ outcome: 'refused', code: answer });
    posted.push(entry.id);
    return Response.json({ outcome: 'there' });
  };
  const send = (rows: readonly OutboxRow[]) =>
    sendUnattended(rows, {
      ...{ fetch: asFetch, tus: new Tus(server.fetch, sha256With(crypto.subtle)), now: Date.now, uploads },
      ...{ bytes: async (hash) => files.get(hash) ?? null, keep: async (one) => uploads.set(one.hash, one) },
      ...{ forget: async (hash) => uploads.delete(hash), signal: new AbortController().signal },
      claim: async (one) => (gone.has(one.id) ? null : one),
      taken: async ({ id }) => void taken.push(id)
    });
  const addFile = async (bytes: Uint8Array<ArrayBuffer>): Promise<object> => {
    const blob = new Blob([bytes]);
    const hash = await blobHash(blob, crypto.subtle);
    files.set(hash, blob);
    return { body: '', attachments: [{ hash, name: 'a.bin', type: 'application/octet-stream', size: blob.size }] };
  };
  const answerAll = (body: string): void => void (always = body);
  return { server, posted, taken, uploads, files, gone, send, addFile, answerAll };
}

test('[AWAY-1] what waits goes in the order it was written, a message with files after what need not wait for it', async () => {
  const { posted, send, addFile, server, uploads } = setup();
  const photo = row(await addFile(Uint8Array.from({ length: 700_000 }, (_, at) => at % 251)));
  const about = row({ type: 'reaction', target: photo.id, emoji: '👍', on: true });
  const words = [row({}), row({})];
  const due = unattended([words[1]!, about, photo, words[0]!], Date.now());
  expect(await send(due)).toBe(false);
  expect(posted).toEqual([...idsOf(words), photo.id, about.id]);
  expect([...server.files.values()].map((bytes) => bytes.length)).toEqual([700_000]);
  expect([...uploads.values()]).toMatchObject([{ id: null }]);
});

test('[AWAY-1] an upload that broke off goes on from where it was, and another try is asked for', async () => {
  const { posted, send, addFile, server, uploads } = setup();
  const photo = row(await addFile(new Uint8Array(700_000).fill(7)));
  server.problem = (method, offset) => (method === 'PATCH' && offset > 0 ? 'internal' : null);
  expect(await send([photo])).toBe(true);
  expect(posted).toEqual([]);
  const [begun] = [...uploads.values()];
  expect(begun).toMatchObject({ doneAt: null });
  server.problem = () => null;
  server.requests.length = 0;
  expect(await send([photo])).toBe(false);
  expect(server.requests).not.toContain('POST');
  expect(posted).toEqual([photo.id]);
});

test('[AWAY-1] a file that came long ago, and whose message did not, goes up again where the server kept it no longer', async () => {
  const { posted, send, addFile, uploads, server, files } = setup();
  const photo = row(await addFile(new Uint8Array([1, 2, 3])));
  const [hash] = [...files.keys()] as [BlobHash];
  uploads.set(hash, { hash, id: null, doneAt: Date.now() - UPLOAD_KEPT_MS });
  expect(await send([photo])).toBe(false);
  expect([...server.files.keys()]).toEqual([hash]);
  expect(posted).toEqual([photo.id]);
});

test('[AWAY-2] what needs a decision is left to the app', () => {
  const now = Date.now();
  const [plain, neverSent] = [row({}), row({})];
  const rows = [
    plain,
    neverSent,
    row({ type: 'redaction', target: neverSent.id, of: ANN }),
    row({ type: 'reaction', target: neverSent.id, emoji: '👍', on: true }),
    row({}, { state: 'failed', code: 'too-long' as RefusalCode }),
    row({ type: 'redaction', target: newEntryId(NOW), of: ANN }, { heldUntil: now + 3_000 }),
    row({ type: 'room', action: 'created', name: 'New', kind: 'private' }, { room: 'n'.repeat(22) }),
    row({}, { room: 'n'.repeat(22) }),
    row({ type: 'membership', action: 'joined' }, { room: 'j'.repeat(22) }),
    row({}, { room: 'j'.repeat(22) })
  ];
  const over = row({ type: 'redaction', target: newEntryId(NOW), of: ANN }, { heldUntil: now - 1 });
  expect(idsOf(unattended([...rows, over], now))).toEqual([plain.id, over.id]);
});

test('[AWAY-2] what is refused holds nothing else up and is tried no more; a slow room is, and a server in trouble', async () => {
  const [refused, shut, after] = [row({}), row({}), row({})];
  const fine = setup({ [refused.id]: 'not-allowed', [shut.id]: 404 });
  expect(await fine.send([refused, shut, after])).toBe(false);
  expect(fine.posted).toEqual([after.id]);

  const elsewhere = row({}, { room: 'o'.repeat(22) });
  const slow = setup({ [refused.id]: 'slow' });
  expect(await slow.send([refused, after, elsewhere])).toBe(true);
  expect(slow.posted).toEqual([elsewhere.id]);

  for (const [status, again] of [
    [503, true],
    [429, true],
    [401, false]
  ] as const) {
    const troubled = setup({ [refused.id]: status });
    expect(await troubled.send([refused, after])).toBe(again);
    expect(troubled.posted).toEqual([]);
  }
  const offline = setup();
  offline.server.online = false;
  expect(await offline.send([after])).toBe(true);
});

test('[AWAY-2] an answer that is not the server’s, as of a page to sign in to a network, asks for another try', async () => {
  for (const answer of ['<html>Welcome aboard</html>', 'null', '[]', '{}']) {
    const { posted, send, answerAll } = setup();
    answerAll(answer);
    expect(await send([row({}), row({})])).toBe(true);
    expect(posted).toEqual([]);
  }
});

test('[AWAY-4] the removal of what may have gone goes, and what it takes away does not go again', () => {
  const posted = row({}, { posted: true });
  const removal = row({ type: 'redaction', target: posted.id, of: ANN }, { heldUntil: NOW });
  const about = row({ type: 'reaction', target: posted.id, emoji: '👍', on: true });
  expect(idsOf(unattended([posted, removal, about], NOW + 1))).toEqual([removal.id]);
  expect(unattended([posted, removal, about], NOW - 1)).toEqual([]);
});

test('[AWAY-1] what the server has taken is noted, and no other wake sends it', async () => {
  const { send, taken } = setup();
  const [first, second] = [row({}), row({})];
  const refusing = setup({ [second.id]: 'not-allowed' });
  await send([first, second]);
  expect(taken).toEqual(idsOf([first, second]));
  await refusing.send([first, second]);
  expect(refusing.taken).toEqual([first.id]);
  expect(
    idsOf(
      unattended(
        [
          { ...first, posted: 'taken' },
          { ...second, posted: true }
        ],
        NOW
      )
    )
  ).toEqual([second.id]);
});

test('[AWAY-4] what is not to go any more when its turn comes does not', async () => {
  const { posted, send, gone } = setup();
  const [first, second] = [row({}), row({})];
  gone.add(first.id);
  expect(await send([first, second])).toBe(false);
  expect(posted).toEqual([second.id]);
});

test('[AWAY-2] a message whose file is not on this device, or not taken, is left to the app, which says so', async () => {
  const { posted, send, addFile, files, server } = setup();
  const lost = row(await addFile(new Uint8Array([1, 2, 3])));
  files.clear();
  expect(await send([lost])).toBe(false);
  const large = row(await addFile(new Uint8Array([4, 5, 6])));
  server.problem = () => 'too-large';
  expect(await send([large])).toBe(false);
  expect(posted).toEqual([]);
});
