// A newer version of the app.

export interface UpdateModel {
  /** A new version waits. */
  readonly available: boolean;
  /** Keeps drafts and scroll, then reloads. */
  apply(): Promise<void>;
}
