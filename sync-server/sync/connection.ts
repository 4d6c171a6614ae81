// An open socket as the sync server keeps it, whichever protocol it speaks.

import type { CloseCode } from '#protocol/close-codes.ts';
import type { SessionEnd } from '#protocol/session-end.ts';
import type { Session } from '../accounts/session.ts';
import type { Allowance } from './allowance.ts';
import type { FrameCache } from './frame-cache.ts';
import type { PrivacyChoices } from '../personal/privacy-choices.ts';
import type { ChannelDeps } from './page-channel.ts';
import type { PeoplePresence } from './people-presence.ts';
import type { PersonalChannelDeps } from './personal-channel.ts';
import type { ReceiptNotices } from './receipt-notices.ts';
import type { SyncLimits } from './sync-limits.ts';
import type { UserNotices } from './user-notices.ts';

export interface Connection {
  readonly session: Session;
  readonly kind: 'muxed' | 'plain';
  /** Called every few seconds: pings, and ends what does not answer. */
  beat(): void;
  /** The session has ended. @param cause null: not known */
  revoke(cause: SessionEnd | null): void;
  close(code: CloseCode): void;
}

export interface ConnectionDeps extends ChannelDeps, PersonalChannelDeps {
  readonly limits: SyncLimits;
  readonly notices: UserNotices;
  readonly receipts: ReceiptNotices;
  readonly people: PeoplePresence;
  readonly privacy: Pick<PrivacyChoices, 'of'>;
  readonly frames: FrameCache;
  generation(): string;
}

/** What a connection is opened with. */
export interface ConnectionStart {
  readonly session: Session;
  readonly allowance: Allowance;
  /** Called once when the connection is over. */
  ended(connection: Connection, code: number): void;
}
