// Whether a person is to be told of what came in a room or a thread, and what: by their rules, what they have read, and whom
// they blocked. Invariant: nothing is remembered here, so that it is decided by what is true when it is sent.

import type { EntryId, RoomId, UserId } from '#protocol/ids.ts';
import { plainMarkdown } from '#protocol/markdown/markdown.ts';
import {
  hasKeyword,
  isQuiet,
  isTold,
  readNotificationRules,
  readRoomLoudness,
  type PersonalLookup
} from '#protocol/notification-rules.ts';
import { readThreadMark } from '#protocol/personal.ts';
import { pushTagOf } from '#protocol/push.ts';
import type { BlockedPeople } from '../accounts/blocked.ts';
import type { PersonalDocuments } from '../personal/personal-documents.ts';
import { threadOfKey } from '../rooms/keys.ts';
import type { RoomService } from '../rooms/room-service.ts';
import type { KeyValue } from '../store/key-value.ts';
import type { Timers } from '../timers.ts';
import type { Pushed } from './push-message.ts';
import type { MessageNews } from './push-news.ts';

export interface PushDecisionsDeps {
  readonly kv: KeyValue;
  readonly timers: Timers;
  readonly rooms: Pick<RoomService, 'summary' | 'joined'>;
  readonly personal: Pick<PersonalDocuments, 'look'>;
  readonly blocked: Pick<BlockedPeople, 'of'>;
  readonly nameOf: (user: UserId) => string;
  /** Tags that were pushed to the person and have been read since, but for this one. */
  readonly readSince: (user: UserId, besides: string) => readonly string[];
}

/** What came, for one person, in a room or in the thread of a root. */
export interface Notice {
  readonly user: UserId;
  readonly room: RoomId;
  readonly root: EntryId | null;
  readonly messages: readonly MessageNews[];
  readonly invitedBy: UserId | null;
}

export interface PushDecision {
  readonly pushed: Pushed;
  readonly urgent: boolean;
  /** Whose words are told; null of an invitation. */
  readonly newest: MessageNews | null;
}

export class PushDecisions {
  readonly #deps: PushDecisionsDeps;

  constructor(deps: PushDecisionsDeps) {
    this.#deps = deps;
  }

  /** By what is true now; null: nothing is told. Rejects with StoreError. */
  async decide(notice: Notice): Promise<PushDecision | null> {
    const { rooms, personal, blocked, timers } = this.#deps;
    const { user, room, root } = notice;
    const [summary, look, others] = await Promise.all([
      rooms.summary(user, room),
      personal.look(user),
      blocked.of(user)
    ]);
    if (!summary) return null;
    const nowMs = timers.nowMs();
    const rules = readNotificationRules(look);
    if (summary.role === null) {
      // Into a public room everybody may look; invited is who still is.
      if (summary.invitedBy === null) return null;
      return this.#decideInvitation(notice, others, isQuiet(rules.quiet, nowMs));
    }
    const loudness = readRoomLoudness(look, room);
    const isMine = root === null || (await this.#follows(user, room, notice, look));
    const seenAt = root === null ? 0 : (readThreadMark(root, look('threads', root))?.at ?? 0);
    const calls = (message: MessageNews): boolean => message.mentionsRoom || message.mentions.has(user);
    const read = (message: MessageNews): string => (rules.keywords.length > 0 ? wordsOf(message) : '');
    const told = notice.messages.filter((message) => {
      if (message.until <= nowMs || others.includes(message.author)) return false;
      if (root === null ? message.n <= summary.read : !isMine || message.at <= seenAt) return false;
      return isTold({ mentioned: calls(message), text: read(message) }, summary.kind, loudness, rules, nowMs);
    });
    const newest = told.at(-1);
    if (!newest) return null;
    const mention = told.some((message) => calls(message) || hasKeyword(read(message), rules.keywords));
    const pushed = await this.#pushed(notice, {
      ...{ kind: 'message', id: newest.id, n: root === null ? newest.n : null, mention },
      ...{ author: newest.author, text: newest.text },
      count: root === null ? Math.max(summary.unread, told.length) : told.length
    });
    return { pushed, newest, urgent: mention || summary.kind === 'direct' || summary.kind === 'group' };
  }

  async #decideInvitation(notice: Notice, blocked: readonly UserId[], quiet: boolean): Promise<PushDecision | null> {
    const { invitedBy } = notice;
    if (invitedBy === null || quiet || blocked.includes(invitedBy)) return null;
    const pushed = await this.#pushed(notice, {
      ...{ kind: 'invitation', id: null, n: null, mention: true, author: invitedBy, text: '', count: 1 }
    });
    return { pushed, newest: null, urgent: true };
  }

  /** As on the device (model/own-thread.ts): threads on one's messages, those one wrote or was called in, those one has read. */
  async #follows(user: UserId, room: RoomId, { root, messages }: Notice, look: PersonalLookup): Promise<boolean> {
    if (
      messages.some(({ thread, mentions, mentionsRoom }) => thread?.of === user || mentions.has(user) || mentionsRoom)
    )
      return true;
    if (readThreadMark(root!, look('threads', root!))) return true;
    return (await this.#deps.kv.get(threadOfKey(room, root!, user))) !== undefined;
  }

  async #pushed(
    { user, room, root }: Notice,
    told: Pick<Pushed, 'kind' | 'id' | 'n' | 'mention' | 'text' | 'count'> & { readonly author: UserId }
  ): Promise<Pushed> {
    return {
      ...{ ...told, room, thread: root, author: this.#deps.nameOf(told.author) },
      badge: await this.#badge(user),
      read: this.#deps.readSince(user, pushTagOf(room, root))
    };
  }

  /** As the app counts: of rooms that are muted or put away, mentions alone. */
  async #badge(user: UserId): Promise<number> {
    const [joined, look] = await Promise.all([this.#deps.rooms.joined(user), this.#deps.personal.look(user)]);
    return joined.reduce((sum, { id, role, unread, mentions = [] }) => {
      if (role === null) return sum;
      const { muted, archived } = readRoomLoudness(look, id);
      return sum + (muted || archived !== null ? mentions.length : unread);
    }, 0);
  }
}

/** Read once for all who have words of their own. */
const readWords = new WeakMap<MessageNews, string>();

/** To read more of it would hold all others up: each rule looks through what is left. */
const READ_MAX_CHARS = 2_000;

/** As the app looks for one's words: without marks, but for what is further back in a long message. */
function wordsOf(message: MessageNews): string {
  const known = readWords.get(message);
  if (known !== undefined) return known;
  const { text } = message;
  const end = text.length > READ_MAX_CHARS ? lastSpace(text.slice(0, READ_MAX_CHARS)) : text.length;
  const words = plainMarkdown(text.slice(0, end)) + text.slice(end);
  readWords.set(message, words);
  return words;
}

/** Where no word ends, as in Chinese, all of it. */
function lastSpace(text: string): number {
  const at = text.search(/\s\S*$/);
  return at > 0 ? at : text.length;
}
