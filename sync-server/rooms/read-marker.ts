// How far a person has read a room, and how many messages of others that leaves: exact, by counting two things.

import * as v from 'valibot';
import { goneAbove, type GonePlaces } from './gone-places.ts';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

export const readMarkerSchema = v.strictObject({
  /** Read up to this Arrival.n. */
  n: count,
  /** Messages of the person's own above it that have not disappeared. */
  ownAbove: count
});
export type ReadMarker = v.InferOutput<typeof readMarkerSchema>;

/** Who joins has nothing unread: what was said before is history. */
export const markerAtJoining = (n: number): ReadMarker => ({ n, ownAbove: 0 });

/**
 * @param n the count of the person's own new message
 * @returns the marker moved along when everything before was read, else with one more of their own above it
 */
export const afterOwnMessage = (marker: ReadMarker, n: number): ReadMarker =>
  marker.n === n - 1 ? { n, ownAbove: 0 } : { n: marker.n, ownAbove: marker.ownAbove + 1 };

/** @param ownPassed messages of the person's own in (marker.n, n] */
export const afterReading = (marker: ReadMarker, n: number, ownPassed: number): ReadMarker =>
  n <= marker.n ? marker : { n, ownAbove: marker.ownAbove - ownPassed };

/** Of a room: how many messages there were, and which of them have disappeared. */
export interface Places {
  readonly n: number;
  readonly gone: GonePlaces;
}

/** Messages of others above the marker that are still there. */
export const unreadOf = (marker: ReadMarker, { n, gone }: Places): number =>
  n - marker.n - marker.ownAbove - goneAbove(gone, marker.n);

/** A message of the person's own has disappeared, above the marker. */
export const afterDisappearing = ({ n, ownAbove }: ReadMarker): ReadMarker => ({ n, ownAbove: ownAbove - 1 });
