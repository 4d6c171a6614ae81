// What the composer does with its words when one presses Enter: that depends on what has become of the message that is
// edited. Invariant: there is a way to keep the words, whatever happened meanwhile.

import type { RoomModel } from '#lib/model/room-model.ts';
import type { MessageItem } from '#lib/model/timeline-item.ts';
import { m } from '#lib/words/generated/messages.js';

export type Deed =
  | { readonly kind: 'send' }
  | { readonly kind: 'save' | 'remove'; readonly item: MessageItem }
  /** Its words were changed elsewhere: which of the two stay is asked first. */
  | { readonly kind: 'choose'; readonly item: MessageItem }
  /** What was edited is no more: the words go out by themselves. */
  | { readonly kind: 'send-anew' }
  | { readonly kind: 'none' };

export interface ComposerDeed {
  readonly deed: Deed;
  readonly button: 'send' | 'save' | 'remove';
  /** Said above the field; null: nothing to say. */
  readonly note: string | null;
}

export function composerDeed(room: Pick<RoomModel, 'composition' | 'acts'>): ComposerDeed {
  const { edit } = room.composition;
  if (!edit) return { deed: { kind: 'send' }, button: 'send', note: null };
  const { item, text, changed } = edit;
  if (!item)
    return {
      deed: { kind: 'none' },
      button: 'save',
      note: m.composer_not_loaded()
    };
  if (item.redacted || room.acts.redacting.has(item.id))
    return {
      deed: { kind: 'send-anew' },
      button: 'send',
      note: m.composer_removed()
    };
  if (item.state === 'failed' || item.state === 'not-saved')
    return {
      deed: { kind: 'send-anew' },
      button: 'send',
      note: m.composer_not_delivered()
    };
  if (changed) return { deed: { kind: 'choose', item }, button: 'save', note: null };
  // Files stand for themselves.
  if (text.trim() !== '' || item.attachments.length > 0)
    return { deed: { kind: 'save', item }, button: 'save', note: null };
  return room.acts.mayRedact(item)
    ? { deed: { kind: 'remove', item }, button: 'remove', note: m.composer_removes() }
    : { deed: { kind: 'none' }, button: 'save', note: m.composer_empty() };
}

/** The message that is quoted; what is gone is not. */
export function answered({ composition }: Pick<RoomModel, 'composition'>): string | null {
  const { replyTo } = composition;
  return replyTo && !replyTo.gone ? replyTo.id : null;
}

/** The newest of one's own whose words can be others or be taken up again, as ↑ finds it; null: there is none. */
export function lastOwn({ timeline, acts }: Pick<RoomModel, 'timeline' | 'acts'>): MessageItem | null {
  const own = (item: RoomModel['timeline'][number]): item is MessageItem =>
    item.kind === 'message' && item.own && !acts.redacting.has(item.id) && (acts.mayEdit(item) || isWords(item));
  return timeline.findLast(own) ?? null;
}

/** Words that never became a message. A poll is more than its question. */
const isWords = ({ state, poll }: MessageItem): boolean =>
  (state === 'failed' || state === 'not-saved') && poll === null;
