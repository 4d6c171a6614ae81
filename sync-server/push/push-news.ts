// What the commits of a room mean to those who are pushed to: who may have to hear of which message, and who is invited.
// Pure. Invariant: nothing of one's own, nothing imported.

import type { ArrivedEntry } from '#protocol/api/sealed-page.ts';
import { kindOfAll, playTime, type Attachment, type AttachmentKind } from '#protocol/attachment.ts';
import { isKnown, threadOf } from '#protocol/entry.ts';
import { isUserId, type EntryId, type UserId } from '#protocol/ids.ts';
import type { RoomState } from '#protocol/room-state.ts';
import type { JustArrived } from '../rooms/room-service.ts';

/** A message, as far as one is told of it. */
export interface MessageNews {
  readonly id: EntryId;
  /** Arrival.n: in a thread it says nothing. */
  readonly n: number;
  /** When it arrived, epoch ms. */
  readonly at: number;
  /** When it disappears, epoch ms; Infinity: never. */
  readonly until: number;
  readonly author: UserId;
  readonly text: string;
  readonly mentions: ReadonlySet<UserId>;
  readonly mentionsRoom: boolean;
  /** The root of the thread that it stands in, and who wrote that. */
  readonly thread: { readonly root: EntryId; readonly of: string } | null;
}

export type RoomNews =
  | { readonly kind: 'message'; readonly message: MessageNews; readonly to: readonly UserId[] }
  | { readonly kind: 'invited'; readonly to: UserId; readonly by: UserId }
  | { readonly kind: 'edited'; readonly id: EntryId; readonly text: string };

/** @param has whether a person is pushed to at all */
export function newsOf(
  state: Pick<RoomState, 'members'>,
  arrived: readonly JustArrived[],
  has: (user: UserId) => boolean
): readonly RoomNews[] {
  const pushed = Object.keys(state.members).filter((user) => has(user));
  return arrived.flatMap(({ entry, arrival }): RoomNews[] => {
    if (!isKnown(entry) || !isUserId(entry.author)) return [];
    switch (entry.type) {
      case 'message': {
        const to = pushed.filter((user) => user !== entry.author);
        if (to.length === 0) return [];
        const root = threadOf(entry);
        const message: MessageNews = {
          ...{ id: entry.id, n: arrival.n, at: arrival.at, until: arrival.until ?? Infinity, author: entry.author },
          text: textOf(entry.body, entry.attachments),
          mentions: new Set(entry.mentions),
          mentionsRoom: entry.mentionsRoom === true,
          thread: root === null ? null : { root, of: arrival.of ?? '' }
        };
        return [{ kind: 'message', message, to }];
      }
      case 'edit':
        return [{ kind: 'edited', id: entry.target, text: entry.body }];
      case 'membership':
        return entry.action === 'invited' && has(entry.user)
          ? [{ kind: 'invited', to: entry.user, by: entry.author }]
          : [];
      default:
        return [];
    }
  });
}

/** The messages of a page that one may have to hear of, but for those in threads, in the words that they have now. */
export function missedBy(user: UserId, page: readonly ArrivedEntry[]): readonly MessageNews[] {
  const arrived = page.map(({ entry, ...arrival }) => ({ entry, arrival: { id: entry.id, ...arrival } }));
  const state: Pick<RoomState, 'members'> = { members: { [user]: { role: 'member', since: 0 } } };
  const missed = new Map<EntryId, MessageNews>();
  for (const news of newsOf(state, arrived, (one) => one === user)) {
    if (news.kind === 'message' && !news.message.thread) missed.set(news.message.id, news.message);
    if (news.kind !== 'edited') continue;
    const edited = missed.get(news.id);
    if (edited) missed.set(news.id, { ...edited, text: news.text });
  }
  return [...missed.values()];
}

const FILE_WORDS: Readonly<Record<AttachmentKind, readonly [one: string, several: (count: number) => string]>> = {
  image: ['Sent a picture', (count) => `Sent ${count} pictures`],
  video: ['Sent a video', (count) => `Sent ${count} videos`],
  audio: ['Sent a sound', (count) => `Sent ${count} sounds`],
  voice: ['Voice message', (count) => `${count} voice messages`],
  file: ['Sent a file', (count) => `Sent ${count} files`]
};

function textOf(body: string, files: readonly Attachment[] = []): string {
  const [first, ...others] = files;
  if (body.trim() !== '' || !first) return body;
  const [one, several] = FILE_WORDS[kindOfAll(files)];
  if (others.length > 0) return several(files.length);
  return first.voice && first.duration !== undefined ? `${one} ${playTime(first.duration)}` : one;
}
