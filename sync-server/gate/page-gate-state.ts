// PageGateState at rest. The room's state is stored apart from it, once for the room: it outlives the page and may be
// large, while this record is written with every commit of the page.

import { createEncoder, toUint8Array, writeUint8, writeVarString, writeVarUint, type Encoder } from 'lib0/encoding';
import { createDecoder, hasContent, readUint8, readVarString, readVarUint, type Decoder } from 'lib0/decoding';
import type { PageRef } from '#protocol/ids.ts';
import type { RoomState } from '#protocol/room-state.ts';
import { StoreError } from '../store/key-value.ts';
import type { Owner, PageGateState } from './gate-contract.ts';

const VERSION = 1;

/** A page that nothing was written to. */
export function emptyPage(ref: PageRef, room: RoomState | null): PageGateState {
  return {
    ref,
    stateVector: new Map(),
    owners: new Map(),
    entries: 0,
    bytes: 0,
    sealedTo: null,
    lastArrival: null,
    lastServerMessage: null,
    room
  };
}

/** All but `room`. */
export function encodePageGateState(state: PageGateState): Uint8Array {
  const encoder = createEncoder();
  writeUint8(encoder, VERSION);
  writeVarString(encoder, state.ref.room);
  writeVarUint(encoder, state.ref.page);
  writeVarUint(encoder, state.entries);
  writeVarUint(encoder, state.bytes);
  writeVarUint(encoder, state.sealedTo ?? 0); // page 0 never follows another
  writeLast(encoder, state.lastArrival);
  writeLast(encoder, state.lastServerMessage);
  const names = [...new Set(state.owners.values())];
  writeVarUint(encoder, names.length);
  for (const name of names) writeVarString(encoder, name);
  const number = new Map(names.map((name, index) => [name, index]));
  writeVarUint(encoder, state.owners.size);
  for (const [client, owner] of state.owners) {
    writeVarUint(encoder, client);
    writeVarUint(encoder, number.get(owner)!);
    writeVarUint(encoder, state.stateVector.get(client) ?? 0);
  }
  return toUint8Array(encoder);
}

/**
 * @param room the room's state as of the same commit
 * @throws StoreError 'corrupt' when the bytes are not what encodePageGateState wrote
 */
export function decodePageGateState(bytes: Uint8Array, room: RoomState | null): PageGateState {
  try {
    return readState(createDecoder(bytes), room);
  } catch (error) {
    throw new StoreError('corrupt', 'the state of a page cannot be read', { cause: error });
  }
}

function readState(decoder: Decoder, room: RoomState | null): PageGateState {
  const version = readUint8(decoder);
  if (version !== VERSION) throw new Error(`version ${version}`);
  const ref = { room: readVarString(decoder), page: readVarUint(decoder) };
  const entries = readVarUint(decoder);
  const bytes = readVarUint(decoder);
  const sealedTo = readVarUint(decoder) || null;
  const lastArrival = readLast(decoder);
  const lastServerMessage = readLast(decoder);
  const names = Array.from({ length: readVarUint(decoder) }, () => readVarString(decoder));
  const owners = new Map<number, Owner>();
  const stateVector = new Map<number, number>();
  for (let left = readVarUint(decoder); left > 0; left--) {
    const client = readVarUint(decoder);
    const name = names[readVarUint(decoder)];
    if (name === undefined) throw new Error('an owner without a name');
    owners.set(client, name);
    const clock = readVarUint(decoder);
    if (clock > 0) stateVector.set(client, clock);
  }
  if (hasContent(decoder)) throw new Error('bytes follow the end');
  return { ref, stateVector, owners, entries, bytes, sealedTo, lastArrival, lastServerMessage, room };
}

type Last = PageGateState['lastArrival'];

function writeLast(encoder: Encoder, last: Last): void {
  writeUint8(encoder, last ? 1 : 0);
  if (!last) return;
  writeVarUint(encoder, last.client);
  writeVarUint(encoder, last.clock);
}

function readLast(decoder: Decoder): Last {
  if (readUint8(decoder) !== 1) return null;
  return { client: readVarUint(decoder), clock: readVarUint(decoder) };
}
