// What later entries made of a message: its words now, who reacted or voted, whether it was taken away. Pure, the same on every
// replica; the order given is arrival order, then one's own pending entries by their own clock.

import { isKnown, type Entry } from './entry.ts';
import type { EditEntry, MessageEntry, PollCloseEntry, RedactionEntry } from './message-entries.ts';
import { isPreviewOf, type Preview } from './preview.ts';

export interface Reaction {
  readonly emoji: string;
  /** Ids of who reacted so, the first one first; never empty. */
  readonly people: readonly string[];
}

export interface Vote {
  readonly person: string;
  /** Places of the options that they chose; never empty. */
  readonly options: readonly number[];
}

export interface MessageEffects {
  /** null: it was not edited. */
  readonly body: string | null;
  /** In order; the last one is what the message says. */
  readonly edits: readonly EditEntry[];
  /** Each emoji once, in the order in which they came to be. */
  readonly reactions: readonly Reaction[];
  readonly redaction: RedactionEntry | null;
  /** Of a poll: the last word of each person who has one, in the order in which they first voted. */
  readonly votes: readonly Vote[];
  /** Of a poll: who ended it; no vote after that counts. */
  readonly closed: PollCloseEntry | null;
}

const NOTHING: MessageEffects = { body: null, edits: [], reactions: [], redaction: null, votes: [], closed: null };

/**
 * @param author of the message: nobody else edits it, whatever a log says
 * @param effects entries that have the message for their target; one that is given twice counts once
 */
export function messageEffects(author: string, effects: readonly Entry[]): MessageEffects {
  if (effects.length === 0) return NOTHING;
  const seen = new Set<string>();
  const edits: EditEntry[] = [];
  const reactions = new Map<string, Set<string>>();
  const votes = new Map<string, readonly number[]>();
  let closed: PollCloseEntry | null = null;
  for (const entry of effects) {
    if (seen.has(entry.id) || !isKnown(entry)) continue;
    seen.add(entry.id);
    if (entry.type === 'redaction') return { ...NOTHING, redaction: entry };
    if (entry.type === 'edit' && entry.author === author) edits.push(entry);
    if (entry.type === 'vote' && !closed) votes.set(entry.author, entry.options);
    if (entry.type === 'poll-close') closed ??= entry;
    if (entry.type === 'reaction') react(reactions, entry.emoji, entry.author, entry.on);
  }
  return {
    body: edits.at(-1)?.body ?? null,
    edits,
    reactions: [...reactions].map(([emoji, people]) => ({ emoji, people: [...people] })),
    redaction: null,
    votes: [...votes].filter(([, options]) => options.length > 0).map(([person, options]) => ({ person, options })),
    closed
  };
}

function react(reactions: Map<string, Set<string>>, emoji: string, person: string, on: boolean): void {
  const people = reactions.get(emoji) ?? new Set<string>();
  if (on) reactions.set(emoji, people.add(person));
  else if (people.delete(person) && people.size === 0) reactions.delete(emoji);
}

/** The preview that a message shows now: none where its words do not link there any more. */
export function shownPreview(
  { preview }: Pick<MessageEntry, 'preview'>,
  { body, redaction }: Pick<MessageEffects, 'body' | 'redaction'>
): Preview | null {
  if (!preview || redaction) return null;
  return body === null || isPreviewOf(preview, body) ? preview : null;
}
