// The acts in a room as entries, and what of them the server does itself, over its API.
// Invariant: what `refusal` would refuse is refused here, with words, and never written.

import { SvelteSet } from 'svelte/reactivity';
import type { Invitation, InvitationSummary, NewInvitation } from '#protocol/api/invitation.ts';
import type { AvatarStored } from '#protocol/api/profile.ts';
import type { NewReport, Report } from '#protocol/api/report.ts';
import type { Role } from '#protocol/entry-fields.ts';
import type { Entry } from '#protocol/entry.ts';
import type { MessageEntry } from '#protocol/message-entries.ts';
import { isEnough, PERMISSIONS, type Act } from '#protocol/permissions.ts';
import { refusal, roleOf, type TargetInfo } from '#protocol/refusal.ts';
import { isAmongPeople, type RoomState } from '#protocol/room-state.ts';
import type { ApiClient } from '../session/api-client.ts';
import type { InvitationLink } from './invitation-link.ts';
import type { PersonView } from './person-view.ts';
import type { Result } from './result.ts';
import type { MessageItem } from './timeline-item.ts';
import { lineWords } from './attachment-words.ts';
import { refused } from './failure-words.ts';
import { isThere, targetOf, waitsToGo } from './message-target.ts';
import type { InvitationView, InvitationWish, PersonAct, RoomActs } from './room-acts.ts';
import type { ReportView } from './room-acts.ts';

export type ActPayload = {
  readonly type: 'room' | 'membership' | 'redaction' | 'edit' | 'reaction' | 'pin' | 'vote' | 'poll-close';
} & Readonly<Record<string, unknown>>;

export interface RoomDeedsOptions {
  readonly room: string;
  readonly api: ApiClient;
  readonly person: (id: string) => PersonView;
  readonly publicOrigin: () => string;
  /** Writes an entry of one's own, unless it would be refused. */
  readonly act: (payload: ActPayload, target: TargetInfo | null) => Promise<Result<void>>;
  /** The same, but it is not sent before it can be called back no more. */
  readonly hold: (payload: ActPayload, target: TargetInfo | null) => Promise<Result<void>>;
  /** The removal of this message is not to be, unless it is too late. */
  readonly callBack: (message: string) => Promise<void>;
  /** A loaded message, for those who read reports, and to be reported. */
  readonly messageOf: (id: string) => MessageEntry | null;
}

const NONE_HELD: ReadonlyMap<string, unknown> = new Map();

export class RoomDeeds implements RoomActs {
  readonly redacting = new SvelteSet<string>();
  readonly #options: RoomDeedsOptions;
  #state = $state.raw<RoomState | null>(null);
  #me = $state<string | null>(null);

  constructor(options: RoomDeedsOptions) {
    this.#options = options;
  }

  /**
   * @param state by what has arrived and one's own pending entries; null: closed or not known
   * @param held removals that can be called back, by message
   */
  update(state: RoomState | null, me: string, held: ReadonlyMap<string, unknown> = NONE_HELD): void {
    this.#state = state;
    this.#me = me;
    for (const id of this.redacting) if (!held.has(id)) this.redacting.delete(id);
    for (const id of held.keys()) this.redacting.add(id);
  }

  may(act: Act): boolean {
    const [state, me] = [this.#state, this.#me];
    if (!state || me === null || state.deleted) return false;
    return isEnough(PERMISSIONS[act][state.kind], roleOf(state, me), Object.hasOwn(state.invited, me));
  }
  mayTo(action: PersonAct, user: string): boolean {
    return user !== this.#me && this.#allows({ type: 'membership', action, user }, null);
  }
  mayMake(user: string, role: Role): boolean {
    return this.#allows({ type: 'membership', action: 'role', user, role }, null);
  }
  mayHandOver(user: string): boolean {
    const [state, me] = [this.#state, this.#me];
    return state !== null && me !== null && roleOf(state, me) === 'owner' && this.mayMake(user, 'owner');
  }
  mayInvite(user: string): boolean {
    return this.#allows({ type: 'membership', action: 'invited', user }, null);
  }
  mayRedact(item: MessageItem): boolean {
    return this.#allowsFor(item, redactionOf(item));
  }
  /** What was refused never became a message: its words are copied and sent anew. */
  mayEdit(item: MessageItem): boolean {
    return isThere(item) && this.#allowsFor(item, { type: 'edit', target: item.id, body: '?' });
  }
  mayReact(item: MessageItem): boolean {
    return isThere(item) && this.#allowsFor(item, { type: 'reaction', target: item.id, emoji: '👍', on: true });
  }

  edit(item: MessageItem, body: string): Promise<Result<void>> {
    if (!this.mayEdit(item)) return Promise.resolve(refused('not-allowed'));
    if (body.trim() === item.body.trim()) return Promise.resolve({ ok: true, value: undefined });
    return this.#act({ type: 'edit', target: item.id, body: body.toWellFormed() }, targetOf(item));
  }
  react(item: MessageItem, emoji: string): Promise<Result<void>> {
    const on = !item.reactions.some((reaction) => reaction.own && reaction.emoji === emoji);
    return this.#act({ type: 'reaction', target: item.id, emoji, on }, targetOf(item));
  }

  rename(name: string): Promise<Result<void>> {
    return this.#act({ type: 'room', action: 'renamed', name: name.trim() });
  }
  setTopic(topic: string): Promise<Result<void>> {
    return this.#act({ type: 'room', action: 'topic', topic: topic.trim() });
  }
  async setAvatar(picture: Blob | null): Promise<Result<void>> {
    if (!picture) return this.#act({ type: 'room', action: 'avatar', avatar: null });
    if (!this.may('avatar')) return refused('not-allowed');
    const stored = await this.#options.api.upload<AvatarStored>('/api/avatars', picture);
    return stored.ok ? this.#act({ type: 'room', action: 'avatar', avatar: stored.value.id }) : stored;
  }
  setKind(kind: 'public' | 'private'): Promise<Result<void>> {
    return this.#act({ type: 'room', action: 'kind', kind });
  }
  setSlow(seconds: number): Promise<Result<void>> {
    return this.#act({ type: 'room', action: 'slow', seconds });
  }
  setDisappearing(seconds: number): Promise<Result<void>> {
    return this.#act({ type: 'room', action: 'disappearing', after: seconds });
  }
  delete(): Promise<Result<void>> {
    return this.#act({ type: 'room', action: 'deleted' });
  }
  invite(user: string): Promise<Result<void>> {
    return this.#act({ type: 'membership', action: 'invited', user });
  }
  cancelInvitation(user: string): Promise<Result<void>> {
    return this.remove(user);
  }
  remove(user: string): Promise<Result<void>> {
    return this.#act({ type: 'membership', action: 'removed', user });
  }
  ban(user: string): Promise<Result<void>> {
    return this.#act({ type: 'membership', action: 'banned', user });
  }
  unban(user: string): Promise<Result<void>> {
    return this.#act({ type: 'membership', action: 'unbanned', user });
  }
  setRole(user: string, role: Role): Promise<Result<void>> {
    return this.#act({ type: 'membership', action: 'role', user, role });
  }
  /** In this order: the room is never without an owner, whatever becomes of the second. */
  async handOver(user: string): Promise<Result<void>> {
    const me = this.#me;
    if (me === null || !this.mayHandOver(user)) return refused('not-allowed');
    const given = await this.setRole(user, 'owner');
    return given.ok ? this.setRole(me, 'member') : given;
  }
  leave(): Promise<Result<void>> {
    return this.#act({ type: 'membership', action: 'left' });
  }

  redact(item: MessageItem): void {
    if (this.redacting.has(item.id) || !this.mayRedact(item)) return;
    this.redacting.add(item.id);
    void this.#options.hold(redactionOf(item), targetOf(item)).then(({ ok }) => {
      if (!ok) this.redacting.delete(item.id);
    });
  }
  undoRedact(id: string): void {
    this.redacting.delete(id);
    void this.#options.callBack(id);
  }

  report(id: string, reason: string): Promise<Result<void>> {
    // Where nobody moderates, administrators read it, who are not in the room: the words go along.
    const message = this.#state && isAmongPeople(this.#state) ? this.#options.messageOf(id) : null;
    const asked: NewReport = { entry: id, reason, ...(message && { message }) };
    return this.#options.api.post<void>(`/api/rooms/${this.#options.room}/reports`, asked);
  }

  async reports(): Promise<Result<readonly ReportView[]>> {
    const { api, room, person, messageOf } = this.#options;
    const answer = await api.get<Report[]>(`/api/rooms/${room}/reports`);
    if (!answer.ok) return answer;
    const reports = answer.value.map((report) => ({
      id: report.id,
      by: person(report.by),
      of: person(report.of),
      reason: report.reason,
      at: report.at,
      entry: report.entry,
      body: reportedWords(messageOf(report.entry))
    }));
    return { ok: true, value: reports.sort((a, b) => b.at - a.at) };
  }

  settle(report: string): Promise<Result<void>> {
    return this.#options.api.delete<void>(`/api/rooms/${this.#options.room}/reports/${report}`);
  }

  async invitations(): Promise<Result<readonly InvitationView[]>> {
    const { api, room, person } = this.#options;
    const answer = await api.get<InvitationSummary[]>(`/api/rooms/${room}/invitations`);
    if (!answer.ok) return answer;
    const views = answer.value.map(({ id, by, role, expiresAt, usesLeft }) => ({
      id,
      by: person(by),
      mine: by === this.#me,
      role,
      expiresAt,
      usesLeft
    }));
    return { ok: true, value: views };
  }

  async createInvitation(wish: InvitationWish): Promise<Result<InvitationLink>> {
    const asked: NewInvitation = wish;
    const made = await this.#options.api.post<Invitation>(`/api/rooms/${this.#options.room}/invitations`, asked);
    if (!made.ok) return made;
    const { secret, expiresAt, usesLeft } = made.value;
    return { ok: true, value: { url: `${this.#options.publicOrigin()}/i#${secret}`, expiresAt, usesLeft } };
  }

  revokeInvitation(id: string): Promise<Result<void>> {
    return this.#options.api.delete<void>(`/api/invitations/${id}`);
  }

  #act(payload: ActPayload, target: TargetInfo | null = null): Promise<Result<void>> {
    return this.#options.act(payload, target);
  }

  #allowsFor(item: MessageItem, payload: ActPayload): boolean {
    if (!this.#state && waitsToGo(item)) return this.#me !== null;
    return this.#allows(payload, targetOf(item));
  }

  #allows(payload: ActPayload, target: TargetInfo | null): boolean {
    const [state, me] = [this.#state, this.#me];
    if (!state || me === null) return false;
    const entry = { ...payload, id: 'only-to-ask', author: me, sentAt: 0 } as Entry;
    return refusal(this.#options.room, state, entry, target) === null;
  }
}

const redactionOf = ({ id, author, thread }: MessageItem): ActPayload => ({
  ...{ type: 'redaction', target: id, of: author.id },
  ...(thread !== undefined && { thread })
});

const reportedWords = (message: MessageEntry | null): string | null =>
  message && lineWords(message.body, message.attachments);
