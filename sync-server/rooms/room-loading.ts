// Reads a room and its pages from the store, as they were committed last.

import { StoreError } from '../store/key-value.ts';
import type { KeyValue } from '../store/key-value.ts';
import type { RoomLog } from '../store/room-log.ts';
import type { PageRef, RoomId } from '#protocol/ids.ts';
import type { RoomState } from '#protocol/room-state.ts';
import { roomStateSchema } from '#protocol/room-entries.ts';
import { createPageGate } from '../gate/page-gate.ts';
import { decodePageGateState } from '../gate/page-gate-state.ts';
import { CommittedPage, decodeBase } from './committed-page.ts';
import { baseKey, gateKey, roomKey, roomStateKey } from './keys.ts';
import { decodePageRecord } from './page-record.ts';
import { roomMetaSchema } from './room-meta.ts';
import { RoomPage } from './room-page.ts';
import { ABSENT_ROOM, type RoomView } from './room-view.ts';
import { decodeStored } from '../store/stored-json.ts';

/** @throws StoreError */
export async function loadRoomView(kv: KeyValue, room: RoomId): Promise<RoomView> {
  const keys = [roomKey(room), roomStateKey(room)] as const;
  const [meta, state] = await kv.getMany(keys);
  if (!meta) return ABSENT_ROOM;
  if (!state) throw missing(keys[1]);
  return { meta: decodeStored(roomMetaSchema, keys[0], meta), state: decodeStored(roomStateSchema, keys[1], state) };
}

/** The newest page: its stored base and what the log has beyond it. @throws StoreError */
export async function loadHead(kv: KeyValue, log: RoomLog, ref: PageRef, state: RoomState): Promise<RoomPage> {
  const [gate, base] = await kv.getMany([gateKey(ref), baseKey(ref)]);
  if (!gate) throw missing(gateKey(ref));
  const stored = base ? decodeBase(base) : null;
  const tail: Uint8Array[] = [];
  for await (const { record } of log.read(ref.room, stored?.from ?? 0)) {
    for (const { page, update } of decodePageRecord(record)) if (page === ref.page) tail.push(update);
  }
  return pageOf(ref, gate, state, stored?.update ?? null, tail);
}

/** A page that takes nothing any more: all of it is in its base. @throws StoreError */
export async function loadSealed(kv: KeyValue, ref: PageRef, state: RoomState): Promise<RoomPage> {
  const [gate, base] = await kv.getMany([gateKey(ref), baseKey(ref)]);
  if (!gate || !base) throw missing(gate ? baseKey(ref) : gateKey(ref));
  return pageOf(ref, gate, state, decodeBase(base).update, []);
}

function pageOf(
  ref: PageRef,
  gate: Uint8Array,
  state: RoomState,
  base: Uint8Array | null,
  tail: readonly Uint8Array[]
): RoomPage {
  const gateState = decodePageGateState(gate, state);
  return new RoomPage(ref, createPageGate(gateState), new CommittedPage(base, tail, gateState.stateVector));
}

const missing = (key: string): StoreError => new StoreError('corrupt', `The record ${key} is missing.`);
