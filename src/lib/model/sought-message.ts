// A message that was looked up by its id, as it is shown away from its timeline: its words now, or that it is gone.

import { isKnown } from '#protocol/entry.ts';
import { messageEffects } from '#protocol/message-effects.ts';
import type { Found } from '../sync/message-finder.ts';
import { lineWords } from './attachment-words.ts';
import type { PersonView } from './person-view.ts';
import type { SoughtMessage } from './message-acts.ts';

/** Wherever it was found. */
export type LookedUp =
  Exclude<Found, { readonly kind: 'found' }> | Omit<Extract<Found, { readonly kind: 'found' }>, 'page'>;

export function soughtMessage(found: LookedUp, person: (id: string) => PersonView): SoughtMessage {
  if (found.kind !== 'found') return { kind: found.kind };
  const { entry } = found;
  if (!isKnown(entry) || entry.type !== 'message') return { kind: 'gone' };
  const { redaction, body } = messageEffects(entry.author, found.effects);
  if (redaction) return { kind: 'gone' };
  const words = lineWords(body ?? entry.body, entry.attachments);
  return {
    kind: 'there',
    author: person(entry.author),
    body: entry.poll ? `📊 ${words}` : words,
    sentAt: entry.sentAt,
    attachments: entry.attachments ?? []
  };
}
