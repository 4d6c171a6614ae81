// The line to the server, and what waits for it.

export interface ConnectionView {
  /** `connecting` covers the first seconds; `offline` is shown in words after 2–5 s. */
  readonly status: 'connected' | 'syncing' | 'connecting' | 'offline';
  /** Own entries without arrival, over all rooms. */
  readonly waiting: number;
  /** Own messages that could not be delivered and wait for their author, over all rooms. */
  readonly failed: number;
  /** Whether the slim banner should show now. */
  readonly banner: 'none' | 'offline' | 'syncing';
  /** Something about storage that the person must know, in words; null when all is well. */
  readonly storageProblem: string | null;
  /** Plain http off localhost: what is missing and why; null on a secure page. */
  readonly insecureNotice: string | null;
}

/** What is done now reaches the server now: rooms that nobody looks at may be synced meanwhile. */
export const hasLine = ({ status }: Pick<ConnectionView, 'status'>): boolean =>
  status === 'connected' || status === 'syncing';
