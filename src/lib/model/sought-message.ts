// A message that was looked up by its id, as it is shown away from its timeline: its words now, or that it is gone.

import { isKnown } from '#protocol/entry.ts';
import { messageEffects } from '#protocol/message-effects.ts';
import type { Found } from '../sync/message-finder.ts';
import type { PersonView } from './app-model.ts';
import type { SoughtMessage } from './message-acts.ts';

export function soughtMessage(found: Found, person: (id: string) => PersonView): SoughtMessage {
  if (found.kind !== 'found') return { kind: found.kind };
  const { entry } = found;
  if (!isKnown(entry) || entry.type !== 'message') return { kind: 'gone' };
  const { redaction, body } = messageEffects(entry.author, found.effects);
  if (redaction) return { kind: 'gone' };
  const words = body ?? entry.body;
  return {
    kind: 'there',
    author: person(entry.author),
    body: entry.poll ? `📊 ${words}` : words,
    sentAt: entry.sentAt
  };
}
