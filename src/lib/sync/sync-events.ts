// What the client of one person tells whoever shows it: the line, trouble with the disk, and what came from elsewhere.

import type { CLOSE } from '#protocol/close-codes.ts';
import type { UserInfo } from '#protocol/api/profile.ts';
import type { Me } from '#protocol/api/session.ts';
import type { ServerMessage } from '#protocol/control.ts';
import type { Density, Privacy } from '#protocol/personal.ts';
import type { SessionEnd } from '#protocol/session-end.ts';
import type { News } from './news.ts';
import type { RoomReplica } from './room-replica.ts';

export interface SyncEvents {
  lineUp(): void;
  lineDown(): void;
  busy(busy: boolean): void;
  /** Words for the person; null: all is well again. */
  storageProblem(words: string | null): void;
  /** What is to be sent later is another than before. */
  scheduled(): void;
  /** What was to be changed or taken back had been sent. */
  sentAlready(room: string): void;
  /** The server's data were replaced: this client has stopped and another one is wanted. */
  generation(generation: string): void;
  /** The server will not have this client: signed out, or of another version. It has stopped. */
  refused(code: typeof CLOSE.signedOut | typeof CLOSE.protocol, ended: SessionEnd | null): void;
  account(me: Me): void;
  /** The line belongs to another account: this browser's cookie is somebody else's. This client has stopped. */
  stranger(): void;
  /** The session changed in another tab. */
  sessionElsewhere(): void;
  /** @param of a room, or a thread of one (draftKeyOf) */
  draftElsewhere(of: string, text: string): void;
  /** A message has just come. */
  news(news: News): void;
  /** Another tab has told of what came in a room or a thread, up to this place. */
  toldElsewhere(of: string, place: number): void;
  /** Marks of these rooms have changed; null: of all, as far as one knows. */
  marks(rooms: readonly string[] | null): void;
  /** Other messages are starred. */
  stars(): void;
  /** How far threads are read has changed. */
  threadsRead(): void;
  /** Another tab keeps something else of the threads of a room. */
  threadsElsewhere(room: string): void;
  /** A room that nobody looks at has come as far as the server has it. */
  fetched(room: string, replica: RoomReplica): void;
  learnPeople(people: readonly UserInfo[]): void;
  absentPeople(ids: readonly string[]): void;
  /** Of people who are watched: whether they are here. */
  presence(people: Extract<ServerMessage, { type: 'presence' }>['people']): void;
  /** What this person lets others learn, here or on another device. */
  privacy(privacy: Privacy): void;
  density(density: Density): void;
  /** Whether one's links are previewed. */
  linkPreviews(on: boolean): void;
  /** All whose messages fold away. */
  blocked(users: ReadonlySet<string>): void;
}
