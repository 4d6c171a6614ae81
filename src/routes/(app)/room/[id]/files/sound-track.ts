// A sound of a message as the player has it. Invariant: it stays as long as its message stands in the room that is shown.

import type { Attachment } from '#protocol/attachment.ts';
import { isShown } from '#protocol/media/media-type.ts';
import type { RoomModel } from '#lib/model/room-model.ts';
import type { MessageItem } from '#lib/model/timeline-item.ts';
import type { Track } from '#lib/voice/player.svelte.ts';

/** A larger one is heard straight from the server: it need not be held here for that. */
export const STREAMED_BYTES = 64_000_000;
/** A film is long, and begins at once so. */
export const STREAMED_FILM_BYTES = 8_000_000;

/** Whether a browser may play it in its place. */
export const isSound = ({ type }: Pick<Attachment, 'type'>): boolean => type.startsWith('audio/') && isShown(type);

interface Around {
  /** The server can be asked. */
  readonly online: () => boolean;
  /** The id of the room that is shown. */
  readonly shown: () => string | undefined;
  /** Where it stands elsewhere than in the conversation: whether it still does; then nothing plays after it. */
  readonly there: (() => boolean) | null;
}

export function soundTrack(room: RoomModel, item: MessageItem, of: Attachment, around: Around): Track {
  return {
    key: `${room.id}/${item.id}/${of.hash}`,
    duration: of.duration ?? null,
    open: () => room.files.open(item.id, of),
    stream: () =>
      of.size > STREAMED_BYTES && item.state === 'arrived' && around.online()
        ? `/api/rooms/${room.id}/blobs/${of.hash}`
        : null,
    stays: () => around.shown() === room.id && (around.there?.() ?? isThere(room, item.id)),
    next: () => (around.there ? null : nextVoice(room, item, around))
  };
}

/** In the composer, to be listened to before it is sent. */
export function composedTrack(room: RoomModel, of: Attachment, shown: Around['shown']): Track {
  return {
    key: `${room.id}/composer/${of.hash}`,
    duration: of.duration ?? null,
    open: () => room.files.open(null, of),
    stream: () => null,
    stays: () => shown() === room.id && room.files.composed.some(({ hash }) => hash === of.hash),
    next: () => null
  };
}

function isThere(room: RoomModel, id: string): boolean {
  const item = room.timeline.find((one) => one.kind === 'message' && one.id === id);
  return item?.kind === 'message' && item.redacted === null && !room.acts.redacting.has(id);
}

/** The voice message that comes next, if it is by the same person. */
function nextVoice(room: RoomModel, { id, author }: MessageItem, around: Around): Track | null {
  const after = room.timeline.slice(room.timeline.findIndex((one) => one.id === id) + 1);
  for (const one of after) {
    if (one.kind !== 'message' || one.redacted || room.acts.redacting.has(one.id)) continue;
    const voice = one.attachments.find((attachment) => attachment.voice);
    if (!voice) continue;
    return one.author.id === author.id && !one.author.blocked ? soundTrack(room, one, voice, around) : null;
  }
  return null;
}
