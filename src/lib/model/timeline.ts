// The items of a room's timeline: sealed pages, head in arrival order, own pending entries by their own clock.
// Invariant: an entry that did not change keeps its item object, so that lists by identity touch only what is new;
// an item changes what it shows by itself only where names come in late.

import { LATE_AFTER_MS } from '#protocol/limits.ts';
import { isKnown, type Entry } from '#protocol/entry.ts';
import type { MessageEntry, RedactionEntry } from '#protocol/message-entries.ts';
import { messageEffects, shownPreview, type MessageEffects } from '#protocol/message-effects.ts';
import { isImportedAuthor } from '#protocol/ids.ts';
import type { OrderedEntry } from '#protocol/order.ts';
import type { PendingEntry } from '../sync/outbox.ts';
import { isDisappeared, isErased, isErasedEdit, isErasedReply } from '../sync/erased-entry.ts';
import type { OlderPage } from '../sync/older-page.ts';
import type { PersonView } from './person-view.ts';
import type { MessageItem, MessageState, ReplyQuote, SystemItem, TimelineItem } from './timeline-item.ts';
import { lineWords } from './attachment-words.ts';
import { failureOf } from './failure-words.ts';
import { pollView } from './poll-view.ts';
import { GONE_AUTHOR } from './person.ts';
import { attempt, happening } from './sentences.ts';
import { m } from '../words/generated/messages.js';

export interface TimelineContext {
  readonly me: string;
  readonly person: (id: string) => PersonView;
  /** An entry on a loaded page; read within an effect it is followed. */
  readonly loaded: (id: string) => Entry | null;
  /** What changes a message, arrived or one's own and pending, in this order; read within an effect it is followed. */
  readonly effects: (id: string) => readonly Entry[];
  /** Whether it is proven who wrote an arrived entry; asked when it is shown. */
  readonly proof: (entry: Entry) => MessageItem['proof'];
}

export interface Standing {
  readonly arrivedAt: number | null;
  readonly n: number | null;
  readonly state: MessageState;
  readonly failure: string | null;
}

class MessageLine implements MessageItem {
  readonly kind = 'message';
  readonly id: string;
  readonly author: PersonView;
  readonly own: boolean;
  readonly action: boolean;
  readonly sentAt: number;
  readonly arrivedAt: number | null;
  readonly late: boolean;
  readonly state: MessageState;
  readonly failure: string | null;
  readonly n: number | null;
  readonly thread: string | undefined;
  readonly #entry: MessageEntry;
  readonly #replyTo: string | null;
  readonly #context: TimelineContext;

  constructor(entry: MessageEntry, standing: Standing, context: TimelineContext) {
    this.id = entry.id;
    this.author = context.person(entry.author);
    this.own = entry.author === context.me;
    this.action = entry.action === true;
    this.sentAt = entry.sentAt;
    this.arrivedAt = standing.arrivedAt;
    const tookMs = standing.arrivedAt === null ? 0 : standing.arrivedAt - entry.sentAt;
    this.late = tookMs > LATE_AFTER_MS && !isImportedAuthor(entry.author);
    this.state = standing.state;
    this.failure = standing.failure;
    this.n = standing.n;
    this.thread = entry.thread;
    this.#entry = entry;
    this.#replyTo = entry.replyTo ?? null;
    this.#context = context;
  }

  get proof(): MessageItem['proof'] {
    if (this.arrivedAt !== null) return this.#context.proof(this.#entry);
    return this.#entry.signature === undefined ? 'pending' : 'signed';
  }
  get body(): string {
    const { redaction, body } = this.#effects;
    return redaction ? '' : (body ?? this.#entry.body);
  }
  get redacted(): MessageItem['redacted'] {
    const { redaction } = this.#effects;
    return redaction && takenAway(redaction, this.#context);
  }
  get versions(): MessageItem['versions'] {
    const { edits } = this.#effects;
    if (edits.length === 0) return [];
    return [this.#entry, ...edits].map(({ body, sentAt }) => ({ body, at: sentAt }));
  }
  get mentions(): MessageItem['mentions'] {
    const { mentions = [], mentionsRoom = false } = this.#effects.edits.at(-1) ?? this.#entry;
    if (mentions.length === 0 && !mentionsRoom) return null;
    const { me, person } = this.#context;
    return { people: mentions.map((id) => person(id)), room: mentionsRoom, me, own: this.own };
  }
  get reactions(): MessageItem['reactions'] {
    const { me, person } = this.#context;
    return this.#effects.reactions.map(({ emoji, people }) => ({
      emoji,
      people: people.map((id) => person(id)),
      own: people.includes(me)
    }));
  }
  get attachments(): MessageItem['attachments'] {
    return this.#effects.redaction ? [] : (this.#entry.attachments ?? []);
  }
  get preview(): MessageItem['preview'] {
    return shownPreview(this.#entry, this.#effects);
  }
  get poll(): MessageItem['poll'] {
    const { poll } = this.#entry;
    return poll ? pollView(poll, this.#effects, this.#context) : null;
  }
  get forwarded(): MessageItem['forwarded'] {
    const { forwarded } = this.#entry;
    if (!forwarded) return null;
    const { author, room = null, id = null } = forwarded;
    return { author: this.#context.person(author), room, id };
  }
  get #effects(): MessageEffects {
    return messageEffects(this.#entry.author, this.#context.effects(this.id));
  }

  get replyTo(): ReplyQuote | null {
    return this.#replyTo === null ? null : quoteOf(this.#replyTo, this.#context);
  }
}

/** What is quoted of a message: its words now, as far as they are loaded. */
export function quoteOf(id: string, context: TimelineContext): ReplyQuote {
  const effects = context.effects(id);
  const redaction = redactionAmong(effects);
  if (redaction) return { id, author: context.person(redaction.of), body: m.quote_removed(), gone: true };
  const quoted = context.loaded(id);
  if (!quoted) return { id, author: null, body: null };
  if (isErased(quoted)) {
    const body = isDisappeared(quoted) ? m.quote_disappeared() : m.quote_removed();
    return { id, author: context.person(GONE_AUTHOR), body, gone: true };
  }
  const message = isKnown(quoted) && quoted.type === 'message' ? quoted : null;
  const words = messageEffects(quoted.author, effects).body ?? message?.body ?? null;
  const body = words === null ? null : lineWords(words, message?.attachments);
  return { id, author: context.person(quoted.author), body, attachments: message?.attachments ?? [] };
}

/** A message whose content is gone: what is known of it is its place, and who took it away. */
class ErasedLine implements MessageItem {
  readonly kind = 'message';
  readonly id: string;
  readonly body = '';
  readonly action = false;
  readonly sentAt: number;
  readonly arrivedAt: number | null;
  readonly late = false;
  readonly state = 'arrived';
  readonly failure = null;
  readonly n: number | null;
  readonly proof = 'none';
  readonly replyTo = null;
  readonly versions = [];
  readonly reactions = [];
  readonly attachments = [];
  readonly poll = null;
  readonly preview = null;
  readonly forwarded = null;
  readonly mentions = null;
  readonly #context: TimelineContext;

  constructor({ id, sentAt }: Entry, { arrivedAt, n }: Standing, context: TimelineContext) {
    this.id = id;
    this.sentAt = sentAt;
    this.arrivedAt = arrivedAt;
    this.n = n;
    this.#context = context;
  }

  get author(): PersonView {
    return this.#context.person(this.#redaction?.of ?? GONE_AUTHOR);
  }
  get own(): boolean {
    return this.#redaction?.of === this.#context.me;
  }
  /** A page comes with all that took something of it away; where nothing did, it went with its author's account. */
  get redacted(): NonNullable<MessageItem['redacted']> {
    const redaction = this.#redaction;
    return redaction ? takenAway(redaction, this.#context) : { by: this.author, own: false, withAccount: true };
  }
  get #redaction(): RedactionEntry | null {
    return redactionAmong(this.#context.effects(this.id));
  }
}

const redactionAmong = (effects: readonly Entry[]): RedactionEntry | null => messageEffects('', effects).redaction;

const takenAway = ({ author }: RedactionEntry, { me, person }: TimelineContext) => ({
  by: person(author),
  own: author === me,
  withAccount: false
});

class SystemLine implements SystemItem {
  readonly kind = 'system';
  readonly id: string;
  readonly icon: SystemItem['icon'];
  readonly words: string | null;
  readonly sentAt: number;
  readonly arrivedAt: number | null;
  readonly state: MessageState;
  readonly failure: string | null;
  readonly own: boolean;
  readonly n: number | null;
  readonly #entry: Entry;
  readonly #context: TimelineContext;

  constructor(entry: Entry, icon: SystemItem['icon'], standing: Standing, context: TimelineContext) {
    this.id = entry.id;
    this.icon = icon;
    this.words = isKnown(entry) && entry.type === 'edit' ? entry.body : null;
    this.sentAt = entry.sentAt;
    this.arrivedAt = standing.arrivedAt;
    this.state = standing.state;
    this.failure = standing.failure;
    this.own = entry.author === context.me;
    this.n = standing.n;
    this.#entry = entry;
    this.#context = context;
  }

  /** With the names as they are known now. */
  get text(): string {
    return attempt(this.#entry, namesFor(this.#context))!.text;
  }
}

function namesFor({ me, person }: TimelineContext) {
  return {
    subject: (id: string) => (id === me ? m.happening_you_first() : person(id).name),
    object: (id: string) => (id === me ? m.happening_you() : person(id).name)
  };
}

export class Timeline {
  readonly #context: TimelineContext;
  // Caches, not state: what is shown is the array that `build` returns.
  readonly #arrived = new WeakMap<OrderedEntry, TimelineItem | null>();
  readonly #pending = new WeakMap<PendingEntry, TimelineItem | null>();
  readonly #pages = new WeakMap<OlderPage, readonly TimelineItem[]>();
  #older: readonly OlderPage[] = [];
  #sealed: readonly TimelineItem[] = [];
  #head: readonly OrderedEntry[] = [];
  #live: TimelineItem[] = [];
  #headRead = 0;
  #waiting: readonly TimelineItem[] = [];
  #items: readonly TimelineItem[] = [];

  constructor(context: TimelineContext) {
    this.#context = context;
  }

  /** @returns the array it returned before when nothing in it has changed */
  build(
    older: readonly OlderPage[],
    head: readonly OrderedEntry[],
    unacknowledged: readonly OrderedEntry[],
    pending: readonly PendingEntry[]
  ): readonly TimelineItem[] {
    const waiting = shown([
      ...unacknowledged.map((ordered) => this.#arrivedItem(ordered)),
      ...pending.map((entry) => this.#pendingItem(entry))
    ]).sort(byWriting);
    const changed = [this.#readPages(older), this.#readHead(head)].includes(true);
    const before = this.#waiting;
    const same = !changed && waiting.length === before.length && waiting.every((item, at) => item === before[at]);
    if (!same) this.#items = [...this.#sealed, ...withWaiting(this.#live, waiting)];
    this.#waiting = waiting;
    return this.#items;
  }

  /** @returns whether other pages are there than before */
  #readPages(older: readonly OlderPage[]): boolean {
    if (older.length === this.#older.length && older.every((page, at) => page === this.#older[at])) return false;
    this.#older = older;
    this.#sealed = older.flatMap((page) => {
      let built = this.#pages.get(page);
      if (!built) this.#pages.set(page, (built = shown(page.entries.map((ordered) => this.#arrivedItem(ordered)))));
      return built;
    });
    return true;
  }

  /** @returns whether there is more of it, or another one */
  #readHead(head: readonly OrderedEntry[]): boolean {
    const goesOn = head === this.#head || (head.length === 0 && this.#head.length === 0);
    if (!goesOn) {
      this.#live = [];
      this.#headRead = 0;
    }
    const before = this.#live.length;
    this.#head = head;
    for (; this.#headRead < head.length; this.#headRead += 1)
      push(this.#live, this.#arrivedItem(head[this.#headRead]!));
    return !goesOn || this.#live.length !== before;
  }

  #arrivedItem(ordered: OrderedEntry): TimelineItem | null {
    const known = this.#arrived.get(ordered);
    if (known !== undefined) return known;
    const { arrival } = ordered;
    const standing: Standing = arrival
      ? { arrivedAt: arrival.at, n: arrival.n, state: 'arrived', failure: null }
      : { arrivedAt: null, n: null, state: 'kept', failure: null };
    const item = itemOf(ordered.entry, standing, this.#context);
    this.#arrived.set(ordered, item);
    return item;
  }

  #pendingItem(pending: PendingEntry): TimelineItem | null {
    const known = this.#pending.get(pending);
    if (known !== undefined) return known;
    const { state, code } = pending;
    const failure =
      state === 'not-saved' ? m.refused_not_saved() : code === null ? null : failureOf(code, pending.entry);
    const item = itemOf(pending.entry, { arrivedAt: null, n: null, state, failure }, this.#context);
    this.#pending.set(pending, item);
    return item;
  }
}

/** What waits stands at the end; a message that waits for its files before what its author wrote after it. */
function withWaiting(arrived: readonly TimelineItem[], waiting: readonly TimelineItem[]): TimelineItem[] {
  const items = [...arrived];
  for (const item of waiting) {
    const waitsForFiles = item.kind === 'message' && item.attachments.length > 0;
    const at = waitsForFiles ? items.findIndex((one) => isWrittenAfter(one, item)) : -1;
    items.splice(at === -1 ? items.length : at, 0, item);
  }
  return items;
}

const isWrittenAfter = (one: TimelineItem, item: TimelineItem): boolean =>
  one.kind === 'message' && one.own && one.sentAt > item.sentAt;

/** A message, or what is left of one, wherever it stands; null: it is something else. */
export function messageItem(entry: Entry, standing: Standing, context: TimelineContext): MessageItem | null {
  if (isDisappeared(entry)) return null;
  if (isErased(entry)) return new ErasedLine(entry, standing, context);
  return isKnown(entry) && entry.type === 'message' ? new MessageLine(entry, standing, context) : null;
}

function itemOf(entry: Entry, standing: Standing, context: TimelineContext): TimelineItem | null {
  if (isErasedEdit(entry) || isErasedReply(entry) || isDisappeared(entry)) return null;
  const message = messageItem(entry, standing, context);
  // What is said in a thread stands there alone; what could not be said must be seen, be the thread open or not.
  if (message) return message.thread === undefined || standing.state === 'failed' ? message : null;
  const say = standing.state === 'failed' ? attempt : happening;
  const happened = say(entry, { subject: (id) => id, object: (id) => id });
  return happened && new SystemLine(entry, happened.icon, standing, context);
}

const shown = (items: readonly (TimelineItem | null)[]): TimelineItem[] =>
  items.filter((item): item is TimelineItem => item !== null);

function push(items: TimelineItem[], item: TimelineItem | null): void {
  if (item) items.push(item);
}

const byWriting = (a: TimelineItem, b: TimelineItem): number => a.sentAt - b.sentAt || (a.id < b.id ? -1 : 1);
