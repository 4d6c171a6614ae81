// Ends requests whose body does not come: each holds a socket. Node's own limit is one for all requests, and would cut a
// large file on a slow line; that one is silent at most (upload-routes.ts), all others are small and have their time.

import type { FastifyInstance } from 'fastify';

const BODY_MS = 30_000;

/**
 * @param isLong of a route: its bodies may take as long as they come
 * @param bodyMs for all others
 */
export function endSlowBodies(
  app: FastifyInstance,
  isLong: (method: string, route: string | undefined) => boolean,
  bodyMs = BODY_MS
): void {
  app.addHook('onRequest', async ({ raw, headers, method, routeOptions }) => {
    const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
    if (!hasBody || isLong(method, routeOptions.url)) return;
    const timer = setTimeout(() => raw.destroy(), bodyMs);
    for (const event of ['end', 'close'] as const) raw.once(event, () => clearTimeout(timer));
  });
}
