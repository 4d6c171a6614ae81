// What another app has shared with this one, as the screens see it: it waits on this device until it stands in a composer.

export interface Shared {
  readonly text: string;
  readonly files: readonly File[];
  /** When it came, epoch ms: which share it is. */
  readonly at: number;
}

export interface SharedModel {
  /** null: nothing waits, or this browser could not keep it. */
  read(): Promise<Shared | null>;
  /** Leaves a newer one alone. @param at null: whichever there is */
  drop(at: number | null): Promise<void>;
}
