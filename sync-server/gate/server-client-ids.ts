// The Yjs client ids that the server writes under: two fresh ones at each process start (and after a failed write),
// never used again, so that a clock of theirs has one content for ever.
//
// They carry a mark above the 32 bits that Yjs draws its ids from. So a state vector that names a marked id which the
// store does not have tells of a copy newer than the store: the data folder was restored from a backup.

export interface ServerClientIds {
  readonly messages: number;
  readonly arrivals: number;
}

/** Upper 21 of the 53 bits. One of 2 million ids drawn from all 53 bits would carry it by chance. */
const MARK = 0x1d5a37;
const LOW = 2 ** 32;

/** @param random32 a random unsigned integer of 32 bits */
export function freshServerClientIds(random32: () => number): ServerClientIds {
  const messages = MARK * LOW + random32();
  let arrivals = messages;
  while (arrivals === messages) arrivals = MARK * LOW + random32();
  return { messages, arrivals };
}

export const isServerClientId = (clientId: number): boolean => Math.floor(clientId / LOW) === MARK;
