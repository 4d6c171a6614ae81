// The protocol's version and its history. A client and a server that differ close with CLOSE.protocol.
//   1  first release: message, redaction, room, membership, snapshot

export const PROTOCOL_VERSION = 1;
