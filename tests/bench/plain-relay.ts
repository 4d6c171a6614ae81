// The peer that fan-out is measured against: what a y-websocket server does at the least. It merges into a Y.Doc
// and forwards the client's bytes to every other socket; no checks, no disk, no accounts.

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { WebSocketServer, type WebSocket } from 'ws';
import * as syncProtocol from 'y-protocols/sync';
import * as Y from 'yjs';

const server = new WebSocketServer({ port: Number(process.env['PORT'] ?? 0), host: '127.0.0.1' });
const doc = new Y.Doc();
const sockets = new Set<WebSocket>();

server.on('connection', (socket) => {
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
  socket.on('message', (data: Buffer) => {
    const decoder = decoding.createDecoder(new Uint8Array(data));
    if (decoding.readVarUint(decoder) !== 0) return;
    const reply = encoding.createEncoder();
    encoding.writeVarUint(reply, 0);
    const type = syncProtocol.readSyncMessage(decoder, reply, doc, socket);
    if (encoding.length(reply) > 1) socket.send(encoding.toUint8Array(reply));
    if (type !== syncProtocol.messageYjsUpdate) return;
    for (const other of sockets) if (other !== socket) other.send(data);
  });
});
await once(server, 'listening');
process.stdout.write(`Roost is at http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
process.on('SIGTERM', () => process.exit(0));
