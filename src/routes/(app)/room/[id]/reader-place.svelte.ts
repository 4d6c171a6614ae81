// Where one reads in a conversation: at the first unread message at first, then wherever one goes, and at the foot while new
// messages come, if that is where one is. More is loaded in time, and what was seen is told.
//
// Following is a wish of the reader, not a place: it ends when they move up and begins when they reach the foot,
// so a growing composer, a keyboard or a late font cannot end it. Until they move, what the server has to add may still
// change where they begin.

import { tick } from 'svelte';
import type { RoomModel } from '#lib/model/room-model.ts';
import type { Row } from '#lib/ui/timeline-rows.ts';
import type { VirtualList } from '#lib/ui/virtual-list.ts';
import { within } from '#lib/within.ts';
import { frame } from './frame.ts';

/** Closer to the foot than this is at the foot. */
const FOOT_PX = 40;
/** So far from an end more messages are asked for. */
const LOAD_PX = 1_200;
const JUMP_PX = 240;
/** A list that is not where it was sent by then will not come there. */
const PLACE_FRAMES = 60;
/** The first unread message is waited for this long, unseen; after that one reads what is there. */
const FIRST_UNREAD_PATIENCE_MS = 1_500;

export class ReaderPlace {
  readonly #room: () => RoomModel;
  readonly #rows: () => readonly Row[];
  #list: VirtualList<Row> | undefined;
  /** The reader is where they begin: until then nothing is shown. */
  #opened = $state(false);
  #farFromFoot = $state(false);
  #following = true;
  /** More is on its way, or was asked for in this very frame. */
  #loading = false;
  /** The first unread message is looked for: until then nothing counts as seen. */
  #seeking: AbortController | null = null;
  /** On the way to where the reader begins: what passes by has not been seen. */
  #placing = 0;
  #lastOffset = 0;
  /** The place in the room's order up to which the model was told. */
  #seenN: number | null = null;
  /** The first unread message that the reader was taken to. */
  #placedAt: string | null = null;
  #untouched = true;

  constructor(room: () => RoomModel, rows: () => readonly Row[]) {
    this.#room = room;
    this.#rows = rows;
  }

  get opened() {
    return this.#opened;
  }
  get farFromFoot() {
    return this.#farFromFoot;
  }
  get following(): boolean {
    return this.#following;
  }

  /** It is there once its rows are drawn. */
  attach(list: VirtualList<Row>): void {
    this.#list = list;
  }

  async open(): Promise<void> {
    await tick();
    if (this.#room().unreadBefore) await within(FIRST_UNREAD_PATIENCE_MS, this.#seekFirstUnread(), undefined);
    await this.#place();
    this.#opened = true;
    this.#look();
  }

  close(): void {
    this.#seeking?.abort();
  }

  /** The rows are others, or what is known of the room. */
  changed(): void {
    const room = this.#room();
    if (this.#untouched && room.unreadBefore) void this.#seekFirstUnread();
    else if (this.#untouched && room.firstUnreadId !== this.#placedAt) void this.#place().then(() => this.#look());
    else this.settle();
    this.#look();
  }

  /** The reader has moved: from now on they say where they are. */
  touch(): void {
    this.#untouched = false;
    this.#seeking?.abort();
    this.#seeking = null;
  }

  follow(wanted: boolean): void {
    if (this.#following === wanted) return;
    this.#following = wanted;
    this.#room().setFollowing(wanted);
  }

  async toLatest(): Promise<void> {
    this.touch();
    const room = this.#room();
    if (room.newer !== 'none') await room.toLatest();
    await tick();
    this.#toFoot();
  }

  /** After anything changed its size: back to the foot if that is where the reader is. */
  settle(): void {
    if (this.#opened && this.#following) this.#toFoot();
  }

  scrolled(offset: number): void {
    const movedUp = offset < this.#lastOffset - 1;
    this.#lastOffset = offset;
    if (!this.#opened) return;
    if (this.#distanceToFoot() < FOOT_PX && this.#room().newer === 'none') this.follow(true);
    else if (movedUp) this.follow(false);
    this.#look();
  }

  markSeen(): void {
    const list = this.#list;
    if (!list || !this.#opened || this.#seeking || this.#placing > 0) return;
    if (document.visibilityState !== 'visible' || !document.hasFocus()) return;
    const foot = list.findIndex(list.scrollOffset + list.viewportPx - 1);
    const rows = this.#rows();
    // What waits to be sent has no place yet: it must not hide that others' messages before it have been seen.
    let at = Math.min(foot, rows.length - 1);
    while (at >= 0 && numberOf(rows[at]!) === null) at--;
    const last = rows[at];
    if (!last || !('item' in last) || last.item.n === this.#seenN) return;
    this.#seenN = last.item.n;
    this.#room().markRead(last.item);
  }

  /** Goes on until the reader moves. */
  async #seekFirstUnread(): Promise<void> {
    if (this.#seeking) return;
    const seek = new AbortController();
    this.#seeking = seek;
    await this.#room().toFirstUnread(seek.signal);
    if (this.#seeking !== seek) return;
    this.#seeking = null;
    await tick();
    if (!this.#opened || !this.#untouched) return;
    if (this.#room().firstUnreadId !== this.#placedAt) await this.#place();
    this.#look();
  }

  /** Where the reader begins: at the New line if there is one, else at the foot. Resolves when the list has arrived. */
  async #place(): Promise<void> {
    this.#placing += 1;
    this.#placedAt = this.#room().firstUnreadId;
    this.#seenN = null;
    if (this.#placedAt === null) this.#toFoot();
    else {
      this.follow(false);
      const at = this.#rows().findIndex((row) => row.kind === 'new');
      this.#list?.scrollToIndex(Math.max(0, at), { align: 'start', offset: -56 });
    }
    // It measures first. Where it does not come that far, one reads what is there.
    for (let frames = 0; frames < PLACE_FRAMES && (frames < 2 || !this.#isPlaced()); frames++) await frame();
    this.#placing -= 1;
  }

  #isPlaced(): boolean {
    const list = this.#list;
    if (!list || this.#following) return this.#distanceToFoot() < FOOT_PX;
    const at = this.#rows().findIndex((row) => row.kind === 'new');
    const top = list.findIndex(list.scrollOffset);
    return at === -1 || (top <= at && at <= list.findIndex(list.scrollOffset + list.viewportPx - 1));
  }

  #toFoot(): void {
    this.follow(true);
    this.#list?.scrollToIndex(this.#rows().length - 1, { align: 'end' });
  }

  #distanceToFoot(): number {
    const list = this.#list;
    return list ? Math.max(0, list.totalPx - list.viewportPx - list.scrollOffset) : 0;
  }

  /** What follows from where the reader is. */
  #look(): void {
    if (!this.#list || !this.#opened || this.#seeking) return;
    this.#farFromFoot = this.#room().newer !== 'none' || this.#distanceToFoot() > JUMP_PX;
    if (!this.#loading && this.#wanted() !== null) void this.#load();
    this.markSeen();
  }

  /** What is to be loaded, by where the reader is. */
  #wanted(): (() => Promise<void>) | null {
    const [room, list] = [this.#room(), this.#list];
    if (!list) return null;
    if (room.history === 'more' && list.scrollOffset < LOAD_PX) return () => room.loadOlder();
    if (room.newer === 'more' && this.#distanceToFoot() < LOAD_PX) return () => room.loadNewer();
    return null;
  }

  async #load(): Promise<void> {
    this.#loading = true;
    await this.#wanted()?.();
    // Only then the list knows where the reader is among what came.
    await frame();
    await frame();
    this.#loading = false;
    this.#look();
  }
}

const numberOf = (row: Row): number | null => ('item' in row ? row.item.n : null);
