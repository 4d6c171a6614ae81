// What screens see of files: those in a room's composer, those of its messages, and how far uploads are.

import type { Attachment, BlobClaim } from '#protocol/attachment.ts';
import type { UploadProgress } from '../sync/uploads.ts';

export type UploadView = UploadProgress;

export interface RoomFiles {
  /** In the composer, in the order in which they will stand; on this device's disk. */
  readonly composed: readonly Attachment[];
  /** Names of those that are being made ready. */
  readonly preparing: readonly string[];
  /** Takes files into the composer, on disk when it resolves. @returns what is to be said of those it could not take */
  add(files: readonly File[]): Promise<readonly string[]>;
  /** What is to be said of files that an earlier page left to be made ready, and nobody waits for. */
  readonly problems: readonly string[];
  problemsTold(): void;
  /** Something is sent as soon as all files are ready. */
  readonly sendsWhenReady: boolean;
  /** What comes then, whatever room is shown by then, unless one of them cannot be taken; null: nothing any more. */
  sendWhenReady(send: (() => Promise<void>) | null): void;
  /** For a recording that begins now, whatever room is shown when it ends. */
  beginRecording(): RecordingPlace;
  /** Files of a message that is not to be sent stand in the composer again, on disk. @returns false: not all are on this device */
  takeBack(files: readonly Attachment[]): Promise<boolean>;
  remove(hash: string): void;
  /** The sizes that a picture in the composer can go in, as long as this tab knows what it was made of; null: one. */
  sizes(hash: string): PictureSizes | null;
  /** Makes it anew in its other size. @returns what is to be said where that cannot be; null: it is done */
  changeSize(hash: string): Promise<string | null>;
  /** @param by places towards the end, or with a minus towards the beginning */
  move(hash: string, by: number): void;
  /** How far the files of a message of one's own are; null: all there, or it has none. Reactive. */
  upload(message: string): UploadView | null;
  setPaused(message: string, paused: boolean): void;
  /** Fetches a file of a message in its turn, to be here when it is wanted. */
  keep(message: string, claim: BlobClaim): void;
  /** A file, to be shown until it is closed. @param message null: it stands in the composer */
  open(message: string | null, claim: BlobClaim): FileModel;
}

/** A voice message as it was recorded. */
export interface Recorded {
  readonly bytes: Blob;
  /** ms; what browsers record does not say it. */
  readonly duration: number;
  /** 0 to 255, at most WAVEFORM_MAX; none: it could not be measured. */
  readonly waveform: readonly number[];
}

/** A piece of it, in order. */
export interface RecordingPiece {
  readonly part: number;
  readonly bytes: Blob;
  /** ms up to its end. */
  readonly duration: number;
  /** How loud it was since the piece before, 0 to 1. */
  readonly levels: readonly number[];
}

/** Where a recording goes: piece by piece to this device's disk, and as a file into the composer that it was begun in. */
export interface RecordingPlace {
  keep(piece: RecordingPiece): void;
  /** Into the composer, on disk when it resolves. @returns what is to be said if it could not be taken */
  take(recorded: Recorded): Promise<readonly string[]>;
  /** It is given up. */
  drop(): void;
}

export interface PictureSizes {
  /** It goes with all its pixels. */
  readonly full: boolean;
  /** It is being made. */
  readonly making: boolean;
  /** Pixels of the full size. */
  readonly width: number;
  readonly height: number;
  /** Bytes of the size that it does not go in; null: it was not made yet. */
  readonly otherBytes: number | null;
}

export interface FileModel {
  /**
   * `looking`: on this device's disk; `away`: not on this device, to be fetched; `offline`: it could not be fetched now;
   * `absent`: the server has it no more.
   */
  readonly status: 'looking' | 'here' | 'away' | 'fetching' | 'offline' | 'absent';
  /** Where the browser finds its bytes; null: not here. */
  readonly address: string | null;
  /** How much of it is here while it is fetched, 0 to 1. */
  readonly share: number;
  fetch(): Promise<void>;
  /** It is fetched with the next line, once. */
  readonly wanted: boolean;
  want(): void;
  close(): void;
}

export interface Downloads {
  /** Pictures in full size. */
  readonly pictures: 'always' | 'unmetered' | 'never';
  /** Files, films and sound up to this size, bytes; 0: none. */
  readonly filesMostBytes: number;
}

/** Files on this device, of all rooms. */
export interface KeptFiles {
  /** Bytes; `free`: those among them that the server has, and that can be fetched again. */
  size(): Promise<{ readonly all: number; readonly free: number }>;
  /** Lets go of what can be fetched again. */
  letGo(): Promise<void>;
  /** Bytes of what can be fetched again, at most. */
  readonly keepMost: number;
  setKeepMost(bytes: number): Promise<void>;
  /** Which files are fetched without being asked for, on this device. */
  readonly downloads: Downloads;
  setDownloads(choice: Partial<Downloads>): Promise<void>;
  /** Whether the browser tells what the line costs: else nothing can depend on it. */
  readonly tellsCost: boolean;
  /** Whether it asks for data to be saved. */
  readonly savesData: boolean;
  /** Whether this one is fetched without being asked for, on the line as it is now. Reactive. */
  fetchesItself(of: Attachment): boolean;
}
