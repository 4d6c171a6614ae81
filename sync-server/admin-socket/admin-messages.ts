// What goes over the socket in the data folder: JSON lines, a request and its answer at a time.
// Invariant: a call and its parameters are checked before anything is done, though only the owner can connect.

import * as v from 'valibot';
import type { Entry } from '#protocol/entry.ts';
import { parseEntry } from '#protocol/parse-entry.ts';

const name = v.pipe(v.string(), v.maxLength(1_000));
const entry = v.custom<Entry>((value) => parseEntry(value).ok);

export const adminRequest = v.variant('call', [
  v.object({ call: v.literal('addUser'), user: v.object({ name, password: v.string(), admin: v.boolean() }) }),
  v.object({ call: v.literal('findUser'), name }),
  v.object({ call: v.literal('setPassword'), name, password: v.string() }),
  v.object({ call: v.literal('issueToken'), name }),
  v.object({ call: v.literal('addRoom'), room: v.object({ name, private: v.boolean(), owner: v.nullable(name) }) }),
  v.object({ call: v.literal('findRoom'), name }),
  v.object({ call: v.literal('importEntries'), room: v.string(), entries: v.array(entry) })
]);
export type AdminRequest = v.InferOutput<typeof adminRequest>;

export const adminAnswer = v.variant('ok', [
  v.object({ ok: v.literal(true), value: v.optional(v.unknown()) }),
  v.object({ ok: v.literal(false), message: v.string() })
]);
export type AdminAnswer = v.InferOutput<typeof adminAnswer>;
