// Forwarding: the words of a message, said again in other rooms with the name of their author. Written down like any
// message, so it works offline; files that go along are on this device first. Invariant: where it comes from is named only to those who could open that room anyway.

import { blobClaims, type Attachment } from '#protocol/attachment.ts';
import type { RoomKind } from '#protocol/entry-fields.ts';
import { newEntryId } from '#protocol/ids.ts';
import { isPreviewOf } from '#protocol/preview.ts';
import type { SyncClient } from '../sync/sync-client.ts';
import { m } from '../words/generated/messages.js';
import type { Result } from './result.ts';
import type { MessageItem } from './timeline-item.ts';
import { fittingPreview } from './fitting-preview.ts';

export interface ForwardWish {
  readonly item: MessageItem;
  /** The room that it stands in. */
  readonly from: string;
  readonly to: readonly string[];
  /** One's own words, said before it; '' : none. */
  readonly comment: string;
}

export const mayForward = ({ redacted, poll, state }: MessageItem): boolean =>
  redacted === null && poll === null && state !== 'failed' && state !== 'not-saved';

/**
 * What stands beside the words of who forwards them.
 * @param kindOf of rooms that this person is in; null: in none of that id
 */
export function originOf(
  { id, author, forwarded }: Pick<MessageItem, 'id' | 'author' | 'forwarded'>,
  from: string,
  to: string,
  kindOf: (room: string) => RoomKind | null
): { readonly author: string; readonly room?: string; readonly id?: string } {
  const source = forwarded ?? { author, room: from, id };
  const { room } = source;
  const isOpen = room !== null && (room === to || kindOf(room) === 'public');
  return { author: source.author.id, ...(isOpen && { room }), ...(isOpen && source.id !== null && { id: source.id }) };
}

/** What is said of somebody by themselves keeps them as its subject. */
const wordsOf = ({ action, author, body }: MessageItem): string => (action ? `${author.name} ${body}` : body);

/** Resolves once all of it is on disk, or is known not to be. Files that are not here and cannot be fetched: nothing is said. */
export async function forward(
  client: SyncClient,
  { item, from, to, comment }: ForwardWish,
  kindOf: (room: string) => RoomKind | null,
  now: () => number
): Promise<Result<void>> {
  const { attachments } = item;
  for (const claim of blobClaims(attachments)) {
    const { kind } = await client.files.fetch(from, item.id, claim);
    if (kind !== 'here')
      return { ok: false, code: kind, message: kind === 'offline' ? m.files_forward_offline() : m.files_absent() };
  }
  const say = async (
    room: string,
    payload: Readonly<Record<string, unknown>>,
    files: readonly Attachment[] = []
  ): Promise<void> => {
    const row = client.list.get(room);
    const base = { id: newEntryId(now()), author: client.me.id, sentAt: client.clock(room).next() };
    await client.composedFiles.hold(room, base.id, files);
    await client.outbox.add(room, { ...base, type: 'message', ...payload }, row?.head ?? row?.summary?.head ?? 0);
    await client.composedFiles.sent(room, base.id);
  };
  const body = wordsOf(item);
  // A name before the words may make something else of the link in them.
  const preview = item.preview && isPreviewOf(item.preview, body) ? item.preview : null;
  for (const room of to) {
    if (comment.trim() !== '') await say(room, { body: comment.trim().toWellFormed() });
    const files = attachments.length > 0 && { attachments };
    const forwarded = originOf(item, from, room, kindOf);
    await say(room, { body, ...files, ...fittingPreview(body, preview), forwarded }, attachments);
  }
  return { ok: true, value: undefined };
}
