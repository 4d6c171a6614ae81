// What the composer does with its words when one presses Enter: that depends on what has become of the message that is
// edited. Invariant: there is a way to keep the words, whatever happened meanwhile.

import type { MessageItem, RoomModel } from '#lib/model/app-model.ts';

export type Deed =
  | { readonly kind: 'send' }
  | { readonly kind: 'save' | 'remove'; readonly item: MessageItem }
  /** What was edited is no more: the words go out by themselves. */
  | { readonly kind: 'send-anew' }
  | { readonly kind: 'none' };

export interface ComposerDeed {
  readonly deed: Deed;
  readonly label: 'Send' | 'Save' | 'Remove';
  /** Said above the field; null: nothing to say. */
  readonly note: string | null;
}

export function composerDeed(room: Pick<RoomModel, 'composition' | 'acts'>): ComposerDeed {
  const { edit } = room.composition;
  if (!edit) return { deed: { kind: 'send' }, label: 'Send', note: null };
  const { item, text } = edit;
  if (!item)
    return {
      deed: { kind: 'none' },
      label: 'Save',
      note: 'The message is not among those loaded here. Scroll to it, then save.'
    };
  if (item.redacted || room.acts.redacting.has(item.id))
    return {
      deed: { kind: 'send-anew' },
      label: 'Send',
      note: 'The message was removed meanwhile. Your words are kept: they can go out as a new one.'
    };
  if (item.state === 'failed' || item.state === 'not-saved')
    return {
      deed: { kind: 'send-anew' },
      label: 'Send',
      note: 'The message was not delivered. Your words can go out as a new one.'
    };
  if (text.trim() !== '') return { deed: { kind: 'save', item }, label: 'Save', note: null };
  return room.acts.mayRedact(item)
    ? { deed: { kind: 'remove', item }, label: 'Remove', note: 'Nothing is left: this removes the message.' }
    : { deed: { kind: 'none' }, label: 'Save', note: 'A message needs some words.' };
}

/** The newest message of one's own, as ↑ finds it; null: there is none. */
export function lastOwn(room: Pick<RoomModel, 'timeline' | 'acts'>): MessageItem | null {
  const own = (item: RoomModel['timeline'][number]): item is MessageItem =>
    item.kind === 'message' && item.own && !item.redacted && !room.acts.redacting.has(item.id);
  return room.timeline.findLast(own) ?? null;
}
