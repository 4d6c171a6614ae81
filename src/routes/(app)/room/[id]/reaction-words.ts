// Who reacted so, in a line: oneself first, and of many only some by name.

import type { ReactionView } from '#lib/model/timeline-item.ts';
import { m } from '#lib/words/generated/messages.js';

const NAMED_MAX = 12;

/** @param me id of the reader */
export function reactionWords({ people, own }: Pick<ReactionView, 'people' | 'own'>, me: string | null): string {
  const others = people.filter(({ id }) => id !== me).map(({ name }) => name);
  const names = [...(own ? [m.message_you()] : []), ...others];
  const named = names.slice(0, NAMED_MAX);
  const rest = names.length - named.length;
  if (rest > 0) return m.message_reacted_more({ n: rest, names: named.join(', ') });
  return new Intl.ListFormat('en-GB', { type: 'conjunction' }).format(named);
}
