// Pieces of a recording put together. Pure. A recorder's pieces are one file when they stand behind each other, also when
// the last ones are missing: it ends earlier then.

import type { Recorded, RecordingPiece } from '../model/room-files.ts';
import { waveformOf } from './waveform.ts';

/** @param pieces in order, at least one */
export function joined(pieces: readonly RecordingPiece[]): Recorded {
  const bytes = pieces.map((piece) => piece.bytes);
  return {
    bytes: new Blob(bytes, { type: bytes[0]!.type }),
    duration: Math.round(pieces.at(-1)!.duration),
    waveform: waveformOf(pieces.flatMap(({ levels }) => levels))
  };
}
