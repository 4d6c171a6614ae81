// The words for how one's own message stands with the others it was written to.

import { nameList } from '../model/name-list.ts';
import type { Delivery } from '../model/receipts-model.ts';
import { m } from '../words/generated/messages.js';

const NAMED_MAX = 3;

/** "Ann", "Ann and Bo", "Ann, Bo, Cy and 4 more". */
export function namesWords(names: readonly string[]): string {
  const named = names.length > NAMED_MAX + 1 ? names.slice(0, NAMED_MAX) : names;
  return nameList(named, names.length - named.length);
}

/** "on 2 of 5 people’s devices"; with one other: "on Bo’s device". */
export function storedWords({ people, stored, named }: Delivery): string {
  const [only] = named ? [...named.readers, ...named.holders, ...named.missing] : [];
  if (people === 1 && only)
    return stored === 1 ? m.delivery_stored_only({ name: only.name }) : m.delivery_not_stored_only({ name: only.name });
  return m.delivery_stored({ stored: stored.toLocaleString(), people: people.toLocaleString() });
}

/** "read by Ann and Bo", "read by everyone", "read by 4 of 60 people"; '' where nothing is told. */
export function readWords({ people, read, named }: Delivery): string {
  if (read === null || read === 0) return '';
  if (!named) return m.delivery_read_of({ read: read.toLocaleString(), people: people.toLocaleString() });
  if (read === people && people > 2) return m.delivery_read_all();
  return m.delivery_read_by({ names: namesWords(named.readers.map(({ name }) => name)) });
}

/** All of it in one line, as far as it is known. */
export function deliveryWords(delivery: Delivery | null): string {
  const known = delivery && delivery.people > 0 ? [storedWords(delivery), readWords(delivery)] : [];
  return [m.message_arrived(), ...known].filter((words) => words !== '').join(', ');
}
