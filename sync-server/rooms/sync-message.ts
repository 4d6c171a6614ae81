// The y-websocket messages that rooms send: message type 0 (sync) with the three steps of y-protocols/sync.

import * as encoding from 'lib0/encoding';

const SYNC = 0;
const STEP_1 = 0;
const STEP_2 = 1;
const UPDATE = 2;

function syncMessage(step: number, payload: Uint8Array): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, SYNC);
  encoding.writeVarUint(encoder, step);
  encoding.writeVarUint8Array(encoder, payload);
  return encoding.toUint8Array(encoder);
}

/** Asks for all that lies beyond an encoded state vector. */
export const syncStep1 = (stateVector: Uint8Array): Uint8Array => syncMessage(STEP_1, stateVector);
/** The answer to a SyncStep1. */
export const syncStep2 = (update: Uint8Array): Uint8Array => syncMessage(STEP_2, update);
export const syncUpdate = (update: Uint8Array): Uint8Array => syncMessage(UPDATE, update);
