// Close codes of sockets and channels. 44xx is final (the stock provider stops), 45xx asks to try again.

export const CLOSE = {
  /** Frames that break the protocol. */
  malformed: 4400,
  /** No session, or it has ended. */
  signedOut: 4401,
  /** The room is absent or closed to this person; the two look alike. */
  forbidden: 4403,
  /** Another protocol version: reload to update. */
  protocol: 4406,
  /** The server's data were restored: discard the local copy, then open again. */
  discardCopy: 4409,
  /** More than the limits take. */
  tooLarge: 4413,
  /** This Yjs client id belongs to somebody else: rebuild under a fresh one. */
  clientIdTaken: 4423,

  /** Storage failed; nothing after the last arrival is promised. */
  storage: 4500,
  /** The server is stopping. */
  stopping: 4503,
  /** This reader is too slow and catches up by syncing again. */
  slow: 4508,
  /** Too much at once. */
  rateLimited: 4529
} as const;

export type CloseCode = (typeof CLOSE)[keyof typeof CLOSE];

/** Whether trying again without a change is pointless. */
export const isFinalClose = (code: number): boolean => code >= 4400 && code < 4500;
