// How much one connection and one person may ask of the server. Defaults are for people and their tools; a bench or
// test may set others. Reading a socket is paused, never dropped, when a rate is used up.

/** Tokens come back at `perSecond`; up to `burst` of them are saved. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

export interface SyncLimits {
  /** Updates and SyncStep2 of one person, over all of their connections. A whole offline batch is one. */
  readonly updates: Rate;
  /** Pages that one person opens, whichever way; each may cost a read from disk. */
  readonly opens: Rate;
  /** Milliseconds of the server's own time that one person's updates and questions take, whatever they hold. */
  readonly workMs: Rate;
  /** WebSocket messages of one person. */
  readonly frames: Rate;
  /** Bytes received from one person. */
  readonly bytes: Rate;
  /** Changes of presence of one person; the newest waits for its turn. */
  readonly presence: Rate;
  /** Open sockets of one person; the next one is closed with CLOSE.rateLimited. */
  readonly connectionsPerUser: number;
  /** Channels of one person on one page, over all connections: each costs a frame for whatever is said there. */
  readonly channelsPerPage: number;
  /** Bytes received but not yet taken, per socket; beyond it the socket is closed with CLOSE.rateLimited. */
  readonly inboundMaxBytes: number;
  /** Bytes not yet handed to the network, per socket; beyond it the socket is closed with CLOSE.slow. */
  readonly outboundMaxBytes: number;
  /** With more than this unsent, nothing more is read: a reader asks no faster than it listens. */
  readonly outboundHighBytes: number;
  /** Pieces of unfinished messages of one person, over all channels of their multiplexed connections. */
  readonly assemblyMaxBytes: number;
  /** A multiplexed connection says hello within this time. */
  readonly helloWithinMs: number;
  /** How long the far side may take to answer a close before the socket is torn down. */
  readonly closeWithinMs: number;
  /** How long the far sides may take when the server stops. */
  readonly stopWithinMs: number;
  /** How often the session behind an open socket is looked up again, which also keeps it from expiring in use. */
  readonly recheckEveryMs: number;
}

const MIB = 1024 * 1024;

export const DEFAULT_SYNC_LIMITS: SyncLimits = {
  updates: { perSecond: 500, burst: 2_000 },
  opens: { perSecond: 50, burst: 500 },
  // What has come at once is taken without a pause as long as the burst lasts: this is how long others may wait.
  workMs: { perSecond: 500, burst: 100 },
  frames: { perSecond: 1_000, burst: 5_000 },
  bytes: { perSecond: 4 * MIB, burst: 16 * MIB },
  presence: { perSecond: 10, burst: 40 },
  // Each stock socket may hold a message of MESSAGE_MAX_BYTES that is never finished.
  connectionsPerUser: 64,
  channelsPerPage: 256,
  inboundMaxBytes: 8 * MIB,
  outboundMaxBytes: 8 * MIB,
  outboundHighBytes: MIB,
  assemblyMaxBytes: 16 * MIB,
  helloWithinMs: 25_000,
  closeWithinMs: 10_000,
  stopWithinMs: 2_000,
  recheckEveryMs: 600_000
};
