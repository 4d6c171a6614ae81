// Whether one element of an update may enter the page (DESIGN §4.4). The checks stand in one order, so that the same
// element always gets the same reason.

import type { Entry } from '#protocol/entry.ts';
import { effectTarget } from '#protocol/entry.ts';
import { parseEntry } from '#protocol/parse-entry.ts';
import type { EntryId, RoomId } from '#protocol/ids.ts';
import { CLOCK_AHEAD_MAX_MS } from '#protocol/limits.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import { refusal, type TargetInfo } from '#protocol/refusal.ts';
import type { RoomState } from '#protocol/room-state.ts';
import type { Element } from './element.ts';
import { idOf } from './element.ts';
import { entryHash } from './entry-hash.ts';
import type { IndexedEntry, RefusedEntry } from './gate-contract.ts';
import { isSignatureValid, signerFlaw, unfit, type Proof } from './signature-check.ts';

export type Verdict =
  | { readonly kind: 'accepted'; readonly entry: Entry; readonly hash: string; readonly encoded: Uint8Array }
  /** The room has this very entry: the element becomes a tombstone, the entry stays where it is. */
  | { readonly kind: 'known'; readonly id: EntryId }
  | { readonly kind: 'refused'; readonly refused: RefusedEntry };

export interface ElementContext extends Proof {
  readonly nowMs: number;
  readonly roomId: RoomId;
  /** With all that came before this element. */
  readonly room: RoomState | null;
  indexed(id: EntryId): IndexedEntry | null;
  /** May false signatures still be looked at? Each costs the server 0.1 ms. */
  mayVerify(): boolean;
  /** Of an entry whose checks have all passed: what else stands against it. */
  admits(entry: Entry, room: RoomState | null): RefusalCode | null;
  /** A signature did not fit. */
  falseSignature(): void;
}

export function checkElement(element: Element, context: ElementContext): Verdict {
  if (!element.ok) return { kind: 'refused', refused: { id: element.id, code: element.code, detail: element.detail } };
  const parsed = parseEntry(element.value);
  if (!parsed.ok) {
    return { kind: 'refused', refused: { id: idOf(element.value), code: parsed.code, detail: parsed.detail } };
  }
  const { entry } = parsed;
  const refused = (code: RefusedEntry['code'], detail: string): Verdict => ({
    kind: 'refused',
    refused: { id: entry.id, code, detail }
  });

  const unproven = signerFlaw(entry, context);
  if (unproven) return refused(unproven.code, unproven.detail);

  const hash = entryHash(entry);
  const earlier = context.indexed(entry.id);
  // Before the clock: an entry offered again is told its success, whatever the server's clock says by now. The hash
  // covers the author.
  if (earlier?.hash === hash) return { kind: 'known', id: entry.id };
  if (earlier) return refused('id-taken', 'another entry of this room has the id');

  if (entry.sentAt > context.nowMs + CLOCK_AHEAD_MAX_MS)
    return refused('clock', `sentAt is over ${CLOCK_AHEAD_MAX_MS} ms ahead of the server`);

  const code = refusal(context.roomId, context.room, entry, targetOf(entry, context));
  if (code) return refused(code, `${entry.type} is refused: ${code}`);
  // Last of what is pure, as it costs most: what is known or refused anyway is not worth it.
  const isSigned = entry.signature !== undefined;
  if (isSigned && (!context.mayVerify() || !isSignatureValid(context.roomId, entry, context))) {
    context.falseSignature();
    const flaw = unfit(entry, context);
    return refused(flaw.code, flaw.detail);
  }
  const against = context.admits(entry, context.room);
  if (against) return refused(against, `${entry.type} is refused: ${against}`);
  return { kind: 'accepted', entry, hash, encoded: element.encoded };
}

function targetOf(entry: Entry, context: ElementContext): TargetInfo | null {
  const id = effectTarget(entry);
  return id === null ? null : context.indexed(id);
}
