// One channel's place in the presence of a page: which awareness id it speaks under and what it last said.
// A seat speaks for one id alone; whatever else its messages hold is ignored.

import { PRESENCE_MAX_BYTES } from '#protocol/limits.ts';
import { isTyping } from '#protocol/presence.ts';
import type { UserId } from '#protocol/ids.ts';
import type { AwarenessRecord } from './y-message.ts';

export interface SeatState {
  /** As it goes out: JSON with the user stamped in. */
  readonly json: string;
  /** The same without a word of typing. */
  readonly quietJson: string;
  readonly typing: boolean;
  /** The page is open, but hidden. */
  readonly away: boolean;
}

export class PresenceSeat {
  readonly user: UserId;
  /** Whole y-websocket messages to this channel. */
  readonly send: (message: Uint8Array) => void;
  /** The Yjs client id of the channel's page; null where it is the awareness id too. */
  readonly documentId: number | null;
  /** A stock client speaks under its own id; null until it has shown it. */
  readonly isStock: boolean;
  awarenessId: number | null;
  /** null: not present. */
  state: SeatState | null = null;
  #clock = -1;
  #claimed: Uint8Array = new Uint8Array(0);

  constructor(seat: Pick<PresenceSeat, 'user' | 'awarenessId' | 'documentId' | 'send'>) {
    this.user = seat.user;
    this.send = seat.send;
    this.documentId = seat.documentId;
    this.awarenessId = seat.awarenessId;
    this.isStock = seat.awarenessId === null;
  }

  /** Whether this record of the seat's own id says something newer than before. */
  isNews(record: AwarenessRecord): boolean {
    return record.clock > this.#clock || (record.clock === this.#clock && isNull(record));
  }

  /** Takes a record that says again what was said last, as clients do every 15 s. False: it says something else. */
  renew(record: AwarenessRecord): boolean {
    if (!isSame(record.json, this.#claimed)) return false;
    this.#clock = record.clock;
    return true;
  }

  /** Takes a record of its own id. */
  take(record: AwarenessRecord): 'changed' | 'same' | 'refused' {
    const next = isNull(record) ? null : readState(record.json, this.user);
    if (next === 'refused') return 'refused';
    this.#clock = record.clock;
    this.#claimed = record.json;
    if (next?.json === this.state?.json) return 'same';
    this.state = next;
    return 'changed';
  }
}

const NULL = new TextEncoder().encode('null');

const isSame = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, at) => byte === b[at]);

export const isNull = (record: AwarenessRecord): boolean => isSame(record.json, NULL);

/** Reads a claimed state and stamps the person into it. Refused: too large, or no JSON object. */
function readState(json: Uint8Array, user: UserId): SeatState | 'refused' {
  if (json.length > PRESENCE_MAX_BYTES) return 'refused';
  try {
    const claimed: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json));
    if (claimed === null || typeof claimed !== 'object' || Array.isArray(claimed)) return 'refused';
    const away = 'status' in claimed && claimed.status === 'away';
    const stamped = (state: object): string => JSON.stringify({ ...state, user: { id: user } });
    const { typing: _typing, ...quiet } = claimed as { readonly typing?: unknown };
    return { json: stamped(claimed), quietJson: stamped(quiet), typing: isTyping(claimed), away };
  } catch {
    return 'refused';
  }
}
