// One line of the rooms column: the server's summary, with what is only on this device put over it.

import { effectTarget, isKnown, threadOf } from '#protocol/entry.ts';
import type { PendingEntry } from '../sync/outbox.ts';
import type { Marks } from '../sync/room-marks.ts';
import type { UnreadCount } from '../sync/unread-counts.ts';
import type { RoomRow } from '../storage/user-db.ts';
import type { PersonView } from './person-view.ts';
import type { RoomListItem } from './room-list-item.ts';
import type { MessageState } from './timeline-item.ts';
import { m } from '../words/generated/messages.js';
import { lineWords, summaryWords } from './attachment-words.ts';
import { closedRoomName } from './room-closed.ts';
import { othersOf, titleOf } from './room-title.ts';
import { happening, previewOf } from './sentences.ts';

export interface RoomLineSource {
  readonly row: RoomRow;
  readonly pending: readonly PendingEntry[];
  readonly unread: UnreadCount;
  readonly marks: Marks;
  readonly draft: string;
  readonly me: string;
  readonly person: (id: string) => PersonView;
  /** What is written with marks, without them. */
  readonly plain: (body: string) => string;
}

export class RoomLine implements RoomListItem {
  readonly id: string;
  readonly kind: RoomListItem['kind'];
  readonly avatar: string | null;
  readonly others: readonly PersonView[];
  readonly unread: number;
  readonly mentions: number;
  readonly hasMessages: boolean;
  readonly favourite: number | null;
  readonly muted: boolean;
  readonly archived: boolean;
  readonly level: RoomListItem['level'];
  readonly at: number;
  readonly draft: string;
  readonly ownState: MessageState | null;
  readonly #source: RoomLineSource;
  readonly #newest: PendingEntry | null;
  readonly #name: string;

  constructor(source: RoomLineSource) {
    const { row, pending, me } = source;
    const { summary } = row;
    this.#source = source;
    this.#newest = newestOf(pending);
    this.id = row.id;
    this.#name = pendingName(pending) ?? summary?.name ?? closedRoomName();
    this.avatar = summary?.avatar ?? null;
    this.others = othersOf(summary?.people ?? pendingPeople(pending), me, source.person);
    this.kind = summary?.kind ?? pendingKind(pending) ?? 'private';
    this.unread = source.unread.count;
    this.mentions = source.unread.mentions;
    this.hasMessages = (summary?.n ?? 0) > 0;
    this.favourite = source.marks.favourite;
    this.muted = source.marks.muted === true;
    this.archived = source.marks.archived !== null;
    this.level = source.marks.level;
    this.at = Math.max(this.#newest?.entry.sentAt ?? 0, summary?.last?.at ?? summary?.createdAt ?? 0);
    this.draft = source.draft;
    this.ownState = this.#newest?.state ?? (summary?.last?.author === me ? 'arrived' : null);
  }

  get name(): string {
    return this.others.length > 0 ? titleOf(this.others) : this.#name;
  }

  /** With the names as they are known now. */
  get preview(): string {
    const { row, me, person, plain, pending } = this.#source;
    const oneLine = (body: string): string => plain(body).replace(/\s+/gu, ' ').slice(0, 140);
    const subject = (id: string): string => (id === me ? m.happening_you_first() : person(id).name);
    const removed = m.happening_removed_message({ who: subject(me) });
    if (this.#newest) {
      const { entry } = this.#newest;
      if (isKnown(entry) && entry.type === 'message') {
        const change = changeOf(pending, entry.id);
        if (change === 'removed') return removed;
        const words = lineWords(oneLine(change?.body ?? entry.body), entry.attachments);
        return `${subject(me)}: ${entry.poll ? '📊 ' : ''}${words}`;
      }
      return happening(entry, { subject, object: subject })?.text ?? '';
    }
    const last = row.summary?.last;
    if (!last) return '';
    if (last.type === 'message') {
      const change = changeOf(pending, last.id);
      if (change === 'removed') return removed;
      // Between two there is no doubt who it was.
      const alone = this.kind === 'direct' && last.author !== me;
      const words = summaryWords(oneLine(change?.body ?? last.body), last.files);
      return alone ? words : `${subject(last.author)}: ${words}`;
    }
    return previewOf(last.type, subject(last.author), this.kind);
  }
}

/** What becomes of a message by what waits here; null: nothing does. */
function changeOf(pending: readonly PendingEntry[], id: string): 'removed' | { readonly body: string } | null {
  const changes = pending
    .filter(({ entry, state }) => state !== 'failed' && effectTarget(entry) === id)
    .sort((a, b) => a.entry.sentAt - b.entry.sentAt)
    .map(({ entry }) => entry)
    .filter(isKnown);
  if (changes.some(({ type }) => type === 'redaction')) return 'removed';
  return changes.findLast((entry) => entry.type === 'edit') ?? null;
}

/** What of a room's unread messages counts beyond its own line. */
export const loudUnread = ({ muted, archived, mentions, unread }: RoomListItem): number =>
  muted || archived ? mentions : unread;

function newestOf(pending: readonly PendingEntry[]): PendingEntry | null {
  let newest: PendingEntry | null = null;
  for (const entry of pending) {
    // What is said in a thread stands there alone, unless it could not be said.
    if (entry.state !== 'failed' && threadOf(entry.entry) !== null) continue;
    // What is done to a message is no line of its own.
    if (entry.entry.type !== 'message' && effectTarget(entry.entry) !== null) continue;
    if (!newest || entry.entry.sentAt > newest.entry.sentAt) newest = entry;
  }
  return newest;
}

function pendingName(pending: readonly PendingEntry[]): string | null {
  let name: string | null = null;
  for (const { entry, state } of pending) {
    if (state !== 'failed' && isKnown(entry) && entry.type === 'room' && 'name' in entry) name = entry.name;
  }
  return name;
}

function pendingPeople(pending: readonly PendingEntry[]): readonly string[] {
  for (const { entry } of pending) {
    if (isKnown(entry) && entry.type === 'room' && entry.action === 'created' && 'people' in entry) return entry.people;
  }
  return [];
}

function pendingKind(pending: readonly PendingEntry[]): RoomListItem['kind'] | null {
  for (const { entry } of pending) {
    if (isKnown(entry) && entry.type === 'room' && entry.action === 'created') return entry.kind;
  }
  return null;
}
