// The words for how one's own message stands with the others it was written to.

import type { Delivery } from '../model/receipts-model.ts';

const NAMED_MAX = 3;

/** "Ann", "Ann and Bo", "Ann, Bo, Cy and 4 more". */
export function namesWords(names: readonly string[]): string {
  const named = names.length > NAMED_MAX + 1 ? names.slice(0, NAMED_MAX) : names;
  const rest = names.length - named.length;
  const all = rest > 0 ? [...named, `${rest} more`] : named;
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)!}`;
}

/** "on 2 of 5 people’s devices"; with one other: "on Bo’s device". */
export function storedWords({ people, stored, named }: Delivery): string {
  const [only] = named ? [...named.readers, ...named.holders, ...named.missing] : [];
  if (people === 1 && only) return stored === 1 ? `on ${only.name}’s device` : `not on ${only.name}’s device yet`;
  return `on ${stored.toLocaleString()} of ${people.toLocaleString()} people’s devices`;
}

/** "read by Ann and Bo", "read by everyone", "read by 4 of 60 people"; '' where nothing is told. */
export function readWords({ people, read, named }: Delivery): string {
  if (read === null || read === 0) return '';
  if (!named) return `read by ${read.toLocaleString()} of ${people.toLocaleString()} people`;
  if (read === people && people > 2) return 'read by everyone';
  return `read by ${namesWords(named.readers.map(({ name }) => name))}`;
}

/** All of it in one line, as far as it is known. */
export function deliveryWords(delivery: Delivery | null): string {
  if (!delivery || delivery.people === 0) return 'on the server';
  return ['on the server', storedWords(delivery), readWords(delivery)].filter((words) => words !== '').join(', ');
}
