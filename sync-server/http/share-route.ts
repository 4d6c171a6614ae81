// What another app shares is a form that the app's worker answers on the device. Where the worker is gone, it comes here: what
// was shared is not looked at, and the person is led to the page that says so.

import type { FastifyInstance } from 'fastify';

/** Before anything asks where the form comes from: the system sends it, and from this answer nobody learns anything. */
export function answerShares(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ method, url }, reply) => {
    if (method === 'POST' && url.split('?', 1)[0] === '/share') {
      return reply.header('connection', 'close').redirect('/share?lost', 303);
    }
    return undefined;
  });
}
