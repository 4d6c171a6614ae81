// What the sync layer needs and offers: how the server composes it.

import type { Server as HttpServer } from 'node:http';
import type { UserInfo } from '#protocol/api/profile.ts';
import type { RoomId, UserId } from '#protocol/ids.ts';
import type { LastSeen } from '../accounts/last-seen.ts';
import type { Authenticator } from '../accounts/session.ts';
import type { PersonalDocuments } from '../personal/personal-documents.ts';
import type { PrivacyChoices } from '../personal/privacy-choices.ts';
import type { RoomService } from '../rooms/room-service.ts';
import type { SyncLimits } from './sync-limits.ts';
import type { Timers } from '../timers.ts';
import type { PresentIn } from './presence.ts';

/** The part of a structured logger that sync uses; Fastify's fits. No bodies, no tokens ever go in. */
export interface SyncLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface SyncDeps {
  readonly rooms: RoomService;
  readonly personal: PersonalDocuments;
  readonly lastSeen: Pick<LastSeen, 'note' | 'of'>;
  /** What people let others learn of them. */
  readonly privacy: Pick<PrivacyChoices, 'of' | 'onChanged'>;
  readonly authenticator: Authenticator;
  /** Where changes of what others see of people come from. */
  readonly profiles?: { onProfileChanged(listener: (user: UserInfo) => void): () => void };
  /** Where it comes from that a person's messages that are to be sent later are others. */
  readonly scheduled?: { onChanged(listener: (user: UserId) => void): () => void };
  /** The store's generation now. */
  generation(): string;
  /** Exact match against the origins that this server is reached under. */
  isAllowedOrigin(origin: string): boolean;
  readonly log: SyncLog;
  /** Their `upgrade` events are handled here; more can follow with `SyncServer.listen`. */
  readonly servers?: readonly HttpServer[];
  readonly limits?: Partial<SyncLimits>;
  readonly timers?: Timers;
}

export interface SyncServer {
  /** Takes the `upgrade` events of another http or https server. */
  listen(server: HttpServer): void;
  /** Who is present in a room, over all of its open pages; sorted, each person once. */
  presentUsers(room: RoomId): readonly UserId[];
  presentIn: PresentIn;
  /** Ids of the person's sessions with which they are at a device now. */
  sessionsHere(user: UserId): ReadonlySet<string>;
  /** Open sockets. */
  connectionCount(): number;
  /** The store has a new generation: every multiplexed connection is closed with a 45xx, to be greeted anew. */
  generationChanged(): void;
  /** Closes every socket with CLOSE.stopping; resolves once all are gone, by force after a short grace. */
  close(): Promise<void>;
}
