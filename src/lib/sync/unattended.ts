// What may go out while no window of the app is open, and how: the whole entries of the outbox, one after the other, their
// files before them. Nothing leaves the outbox: the app lets go of what it sees arrive, and sends again what it does not.
// What may have gone is marked so before it goes: the app then takes it away as what was sent. What the server has taken
// is marked as well: no other wake sends it.
// Invariant: whatever needs a decision is left to the app: what can still be called back, what takes something away that was
// never sent, rooms that are made or entered, and all that is refused.

import type { EntryOutcome } from '#protocol/api/entry.ts';
import { blobClaimsOf, effectTarget } from '#protocol/entry.ts';
import type { BlobHash } from '#protocol/ids.ts';
import type { UploadRow } from '../storage/blob-rows.ts';
import type { OutboxRow } from '../storage/user-db.ts';
import type { Fetch } from './tus.ts';
import { isUploaded, uploadFile, type UploadFileOptions } from './upload-file.ts';

export interface UnattendedOptions {
  readonly fetch: Fetch;
  readonly tus: UploadFileOptions['tus'];
  /** Epoch ms by this device's clock. */
  readonly now: () => number;
  /** Uploads that were begun, by hash. */
  readonly uploads: ReadonlyMap<BlobHash, UploadRow>;
  /** null: not on this device. Rejects where the disk cannot say. */
  readonly bytes: (hash: BlobHash) => Promise<Blob | null>;
  readonly keep: (row: UploadRow) => Promise<unknown>;
  readonly forget: (hash: BlobHash) => Promise<unknown>;
  /** Marks a row as posted, as it is on disk by now; null: it is not to go any more. */
  readonly claim: (row: OutboxRow) => Promise<OutboxRow | null>;
  /** The server has it: it is not to be sent again. */
  readonly taken: (row: OutboxRow) => Promise<unknown>;
  readonly signal: AbortSignal;
}

/** `left`: to the app; `slow`: the room takes no more now; `later`: no line, or a server that cannot now. */
type Sent = 'there' | 'left' | 'slow' | 'later' | 'signed-out';

/** In the order they were written. @param now epoch ms by this device's clock */
export function unattended(rows: readonly OutboxRow[], now: number): OutboxRow[] {
  const waiting = new Set(rows.map(({ id }) => id));
  const isEntered = new Set(rows.filter(({ entry }) => isOfTheRoom(entry.type)).map(({ room }) => room));
  const removed = new Set(
    rows.flatMap(({ entry }) => (entry.type === 'redaction' ? [effectTarget(entry)] : [])).filter(isWaiting)
  );
  function isWaiting(id: string | null): id is string {
    return id !== null && waiting.has(id);
  }
  const posted = new Set(rows.filter((row) => row.posted).map(({ id }) => id));
  const isDecided = ({ id, entry, heldUntil }: OutboxRow): boolean => {
    const target = effectTarget(entry);
    if (heldUntil !== undefined && heldUntil > now) return false;
    if (removed.has(id)) return false;
    // The server says whether there is anything to take away.
    if (entry.type === 'redaction' && target !== null && posted.has(target)) return true;
    return !(target !== null && removed.has(target));
  };
  return rows
    .filter((row) => row.state === 'kept' && row.posted !== 'taken' && !isEntered.has(row.room) && isDecided(row))
    .sort((a, b) => a.entry.sentAt - b.entry.sentAt || (a.id < b.id ? -1 : 1));
}

/**
 * Sends what may go. What waits for files, or for a message that does, holds nothing else up.
 * @param rows as `unattended` has them
 * @returns whether another try may bring more
 */
export async function sendUnattended(rows: readonly OutboxRow[], options: UnattendedOptions): Promise<boolean> {
  const behind: OutboxRow[] = [];
  const slow = new Set<string>();
  const send = async (row: OutboxRow): Promise<Sent> => {
    const { room } = row;
    if (slow.has(room)) return 'slow';
    const claimed = await options.claim(row);
    if (!claimed) return 'left';
    const sent = await post(room, claimed.entry, options);
    if (sent === 'slow') slow.add(room);
    // Where the disk does not take it, the next wake sends it again, which changes nothing.
    if (sent === 'there') await options.taken(claimed).catch(() => undefined);
    return sent;
  };
  const isThere = (hash: BlobHash): boolean => isUploaded(options.uploads.get(hash), options.now());
  for (const row of rows) {
    const target = effectTarget(row.entry);
    const waits = !blobClaimsOf(row.entry).every(({ hash }) => isThere(hash));
    if (waits || behind.some(({ id }) => id === target)) behind.push(row);
    else {
      const sent = await send(row);
      if (sent === 'later' || sent === 'signed-out') return sent === 'later';
    }
  }
  let again = false;
  for (const row of behind) {
    const brought = await bringFiles(row, options);
    if (brought === 'later') again = true;
    if (brought !== 'there') continue;
    const sent = await send(row);
    if (sent === 'later' || sent === 'signed-out') return sent === 'later';
  }
  return again || slow.size > 0;
}

async function bringFiles({ entry }: OutboxRow, options: UnattendedOptions): Promise<'there' | 'left' | 'later'> {
  const { tus, now, uploads, bytes, keep, forget, signal } = options;
  for (const { hash, size } of blobClaimsOf(entry)) {
    const known = uploads.get(hash);
    if (isUploaded(known, now())) continue;
    const end = await uploadFile(
      { hash, size, id: known?.id ?? null },
      { tus, now, signal, bytes: () => bytes(hash), begun: (id) => keep({ hash, id, doneAt: null }) }
    );
    if (end.kind === 'there') await keep({ hash, id: null, doneAt: now() });
    else if (end.kind === 'gone') await forget(hash);
    // For good: the app says why.
    if (end.kind === 'failed') return 'left';
    if (end.kind !== 'there') return 'later';
  }
  return 'there';
}

async function post(room: string, entry: OutboxRow['entry'], { fetch, signal }: UnattendedOptions): Promise<Sent> {
  const asked = fetch(`/api/rooms/${room}/entries`, {
    ...{ method: 'POST', credentials: 'same-origin', signal },
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ entry })
  });
  const response = await asked.catch(() => null);
  if (!response || response.status >= 500 || response.status === 429) return 'later';
  if (response.status === 401) return 'signed-out';
  if (!response.ok) return 'left';
  const answer = (await response.json().catch(() => null)) as Partial<EntryOutcome> | null;
  if (answer?.outcome === 'there') return 'there';
  // A page to sign in to a network, or another server.
  if (answer?.outcome !== 'refused') return 'later';
  return answer.code === 'slow' ? 'slow' : 'left';
}

const isOfTheRoom = (type: string): boolean => type === 'room' || type === 'membership';
