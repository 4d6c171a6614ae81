// Polls and pins of a room as entries. Invariant: what `refusal` would refuse is refused here, and never written.

import type { Entry } from '#protocol/entry.ts';
import { refusal, type TargetInfo } from '#protocol/refusal.ts';
import type { RoomState } from '#protocol/room-state.ts';
import type { PersonView } from './person-view.ts';
import type { Result } from './result.ts';
import type { MessageItem } from './timeline-item.ts';
import type { MessageActs, NewPoll, PinView, SoughtMessage } from './message-acts.ts';
import { isThere, targetOf } from './message-target.ts';
import type { ActPayload } from './room-acts.svelte.ts';

export interface MessageDeedsOptions {
  readonly room: string;
  readonly person: (id: string) => PersonView;
  /** Writes an entry of one's own, unless it would be refused. */
  readonly act: (payload: ActPayload, target: TargetInfo | null) => Promise<Result<void>>;
  /** Says a message. */
  readonly say: (payload: Readonly<Record<string, unknown>>) => Promise<void>;
  readonly read: (id: string) => Promise<SoughtMessage>;
}

export class MessageDeeds implements MessageActs {
  readonly #options: MessageDeedsOptions;
  #state = $state.raw<RoomState | null>(null);
  #me = $state<string | null>(null);
  readonly #pins: readonly PinView[] = $derived(
    (this.#state?.pins ?? []).map(({ id, by, at }) => ({ id, by: this.#options.person(by), at })).reverse()
  );

  constructor(options: MessageDeedsOptions) {
    this.#options = options;
  }

  /** @param state by what has arrived and one's own pending entries; null: closed or not known */
  update(state: RoomState | null, me: string): void {
    this.#state = state;
    this.#me = me;
  }

  mayVote(item: MessageItem): boolean {
    return isThere(item) && this.#allows({ type: 'vote', target: item.id, options: [] }, targetOf(item));
  }
  vote(item: MessageItem, option: number): Promise<Result<void>> {
    const chosen = item.poll?.options.flatMap(({ own }, place) => (own ? [place] : [])) ?? [];
    const others = item.poll?.multiple ? chosen.filter((place) => place !== option) : [];
    const options = chosen.includes(option) ? others : [...others, option].sort((a, b) => a - b);
    return this.#options.act({ type: 'vote', target: item.id, options }, targetOf(item));
  }
  mayClosePoll(item: MessageItem): boolean {
    return isThere(item) && this.#allows({ type: 'poll-close', target: item.id }, targetOf(item));
  }
  closePoll(item: MessageItem): Promise<Result<void>> {
    return this.#options.act({ type: 'poll-close', target: item.id }, targetOf(item));
  }
  ask(poll: NewPoll): Promise<void> {
    return this.#options.say(pollPayload(poll));
  }

  get pins() {
    return this.#pins;
  }
  isPinned(id: string): boolean {
    return this.#state?.pins?.some((pin) => pin.id === id) ?? false;
  }
  mayPin(item: MessageItem): boolean {
    if (this.isPinned(item.id)) return this.mayUnpin(item.id);
    return isThere(item) && this.#allows({ type: 'pin', target: item.id, on: true }, targetOf(item));
  }
  mayUnpin(id: string): boolean {
    return this.#allows({ type: 'pin', target: id, on: false }, null);
  }
  pin(item: MessageItem): Promise<Result<void>> {
    return this.#options.act({ type: 'pin', target: item.id, on: true }, targetOf(item));
  }
  unpin(id: string): Promise<Result<void>> {
    return this.#options.act({ type: 'pin', target: id, on: false }, null);
  }
  read(id: string): Promise<SoughtMessage> {
    return this.#options.read(id);
  }

  #allows(payload: ActPayload, target: TargetInfo | null): boolean {
    const [state, me] = [this.#state, this.#me];
    if (!state || me === null) return false;
    const entry = { ...payload, id: 'only-to-ask', author: me, sentAt: 0 } as Entry;
    return refusal(this.#options.room, state, entry, target) === null;
  }
}

/** The poll as a message says it. */
export const pollPayload = ({
  question,
  options,
  multiple,
  anonymous
}: NewPoll): Readonly<Record<string, unknown>> => ({
  body: question.trim().toWellFormed(),
  poll: {
    options: options.map((option) => option.trim().toWellFormed()),
    ...(multiple && { multiple: true }),
    ...(anonymous && { anonymous: true })
  }
});
