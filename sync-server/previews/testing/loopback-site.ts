// A web site on loopback for tests, with names of a made-up network: `127.0.0.1` counts as public there, all else as it is.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isPublicAddress } from '../../outbound/public-address.ts';
import type { Resolve } from '../../outbound/public-host.ts';
import { PageFetch } from '../page-fetch.ts';

export type Handle = (request: IncomingMessage, response: ServerResponse) => void;

export async function loopbackSite(handle: Handle) {
  const asked: { readonly path: string; readonly headers: IncomingMessage['headers'] }[] = [];
  const resolved: string[] = [];
  /** Addresses of each name by turns; the last of them stays. */
  const names: Record<string, string[]> = {};
  const server = createServer((request, response) => {
    asked.push({ path: request.url!, headers: request.headers });
    handle(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = String((server.address() as AddressInfo).port);
  const resolve: Resolve = (host, done) => {
    resolved.push(host);
    const turns = (names[host] ??= ['127.0.0.1']);
    const address = turns.length > 1 ? turns.shift()! : turns[0]!;
    done(null, [{ address, family: address.includes(':') ? 6 : 4 }]);
  };
  return {
    asked,
    resolved,
    names,
    port,
    url: (path = '/', host = 'site.example') => new URL(`http://${host}:${port}${path}`),
    pages: new PageFetch({
      ...{ userAgent: 'RoostLinkPreview/1', ports: [port], resolve },
      isReached: (address) => address === '127.0.0.1' || isPublicAddress(address)
    }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    }
  };
}
