// What screens see of receipts: how a message stands with the others in its room.

import type { PersonView } from './person-view.ts';
import type { MessageItem } from './timeline-item.ts';
import type { PrivacyKey } from '#protocol/personal.ts';

export interface ReceiptsModel {
  /** How a message that has arrived stands with others; null: not known, or it has not arrived. Reactive. */
  of(item: MessageItem): Delivery | null;
  /** Whose reading of one's own messages ends at this one; [] in a crowd. Reactive. */
  facesAt(id: string): readonly PersonView[];
}

export interface Delivery {
  /** Others that it was written to. */
  readonly people: number;
  /** On how many people's devices it is. */
  readonly stored: number;
  /** null: nobody's readings are told, as oneself or all others keep theirs back. */
  readonly read: number | null;
  /** By name; null in a crowd. Each of `people` is in one of the three. */
  readonly named: {
    readonly readers: readonly PersonView[];
    /** On a device of theirs, and not read or not told. */
    readonly holders: readonly PersonView[];
    readonly missing: readonly PersonView[];
  } | null;
}

/** What this person lets others learn, on all their devices. */
export interface PrivacyModel {
  readonly readReceipts: boolean;
  readonly lastSeen: boolean;
  readonly typing: boolean;
  /** Stands at once, offline too. */
  set(key: PrivacyKey, shared: boolean): void;
}
