// Forwarding: the words of a message, said again in other rooms with the name of their author. Written down like any
// message, so it works offline. Invariant: where it comes from is named only to those who could open that room anyway.

import type { RoomKind } from '#protocol/entry.ts';
import { newEntryId } from '#protocol/ids.ts';
import type { SyncClient } from '../sync/sync-client.ts';
import type { MessageItem } from './app-model.ts';

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

/** Resolves once all of it is on disk, or is known not to be. */
export async function forward(
  client: SyncClient,
  { item, from, to, comment }: ForwardWish,
  kindOf: (room: string) => RoomKind | null,
  now: () => number
): Promise<void> {
  const say = async (room: string, payload: Readonly<Record<string, unknown>>): Promise<void> => {
    const row = client.list.get(room);
    const base = { id: newEntryId(now()), author: client.me.id, sentAt: client.clock(room).next() };
    await client.outbox.add(room, { ...base, type: 'message', ...payload }, row?.head ?? row?.summary?.head ?? 0);
  };
  for (const room of to) {
    if (comment.trim() !== '') await say(room, { body: comment.trim().toWellFormed() });
    await say(room, { body: wordsOf(item), forwarded: originOf(item, from, room, kindOf) });
  }
}
