// The rooms that are open on the screen. Invariant: clients come and go below them; what is open stays and waits for the next.

import { draftKeyOf } from '#protocol/personal.ts';
import type { SyncClient } from '../sync/sync-client.ts';
import type { MemberView } from './member-view.ts';
import { RoomView, type RoomViewOptions } from './room.svelte.ts';
import type { ThreadRowsSource } from './thread-rows.ts';

export interface RoomViewsOptions extends Omit<RoomViewOptions, 'id' | 'closed' | 'threadsChanged'> {
  readonly threadsChanged: (room: string, source: ThreadRowsSource) => void;
}

export class RoomViews {
  readonly #options: RoomViewsOptions;
  #open = $state.raw<readonly RoomView[]>([]);
  #client: SyncClient | null = null;

  constructor(options: RoomViewsOptions) {
    this.#options = options;
  }

  open(id: string): RoomView {
    const left = this.#open.find((one) => one.id === id && one.comeAgain());
    if (left) return left;
    const view = new RoomView({
      ...this.#options,
      id,
      threadsChanged: (source) => this.#options.threadsChanged(id, source),
      closed: (closed) => {
        this.#open = this.#open.filter((open) => open !== closed);
      }
    });
    this.#open = [...this.#open, view];
    if (this.#client) view.attach(this.#client);
    return view;
  }

  attach(client: SyncClient): void {
    this.#client = client;
    for (const view of this.#open) view.attach(client);
  }

  /** From here on what is written in them waits for the next client. */
  detach(): void {
    this.#client = null;
    for (const view of this.#open) view.detach();
  }

  /** Nobody is signed in any more: what nobody looks at is not kept for whoever comes next. */
  end(): void {
    this.#client = null;
    for (const view of this.#open) {
      view.detach();
      if (view.comeAgain()) view.close();
    }
  }

  dispose(): void {
    this.detach();
    this.#open = [];
  }

  lineUp(): void {
    for (const view of this.#open) view.lineUp();
  }
  /** @param rooms null: all, as far as one knows */
  marksChanged(rooms: readonly string[] | null): void {
    for (const view of this.#open) if (rooms === null || rooms.includes(view.id)) view.marksChanged();
  }
  threadMarksChanged(): void {
    for (const view of this.#open) view.threads.marksChanged();
  }
  scheduleChanged(): void {
    for (const view of this.#open) view.schedule.refresh();
  }
  /** What was to be changed or taken back had been sent. */
  wasSent(room: string): void {
    for (const view of this.#open) if (view.id === room) view.schedule.wasSent();
  }
  /** @param of a room, or a thread of one */
  draftElsewhere(of: string, text: string): void {
    const key = draftKeyOf(of);
    for (const view of this.#open) if (view.id === key?.room) view.draftElsewhere(text, key.thread);
  }

  /** An open room that was closed to its person knows no more than that: it asks again. */
  async comeBack(room: string): Promise<void> {
    for (const view of this.#open) if (view.id === room) await view.comeBack();
  }

  /** As the rooms that are open have it. */
  presenceOf(person: string): MemberView['presence'] {
    let inRoom: MemberView['presence'] = null;
    for (const view of this.#open) {
      const member = view.members.find((one) => one.person.id === person);
      if (member?.presence === 'here') return 'here';
      inRoom = member?.presence ?? inRoom;
    }
    return inRoom;
  }

  async flushDrafts(): Promise<void> {
    await Promise.all(this.#open.map((view) => view.flushDraft()));
  }
}
