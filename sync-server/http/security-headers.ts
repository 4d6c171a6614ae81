// What browsers are told to forbid. No inline script and no other origin: the build moves Kit's start script
// into a file of its own, and fonts, icons and styles ship with the app.

import fastifyHelmet from '@fastify/helmet';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Since `'self'` does not cover WebSockets in older WebKit, the page's own host is named for them. */
function ownSockets(host: string | undefined): string {
  return host !== undefined && /^[A-Za-z0-9.:[\]-]{1,255}$/.test(host) ? `ws://${host} wss://${host}` : '';
}

/** @param isPublicHttps the request came to the public address over HTTPS; then browsers may hold to HTTPS */
export async function setSecurityHeaders(
  app: FastifyInstance,
  isPublicHttps: (request: FastifyRequest) => boolean
): Promise<void> {
  await app.register(fastifyHelmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        // The framework's route announcer for screen readers sets its style by an attribute; attributes run nothing.
        styleSrcAttr: ["'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        mediaSrc: ["'self'", 'blob:'],
        connectSrc: ["'self'", (request) => ownSockets(request.headers.host)],
        workerSrc: ["'self'"],
        manifestSrc: ["'self'"],
        objectSrc: ["'none'"],
        frameSrc: ["'none'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        // Svelte's compiled markup, and src/lib/pwa/own-scripts.ts; whatever else makes markup or script out of text fails.
        requireTrustedTypesFor: ["'script'"],
        trustedTypes: ['svelte-trusted-html', 'default']
      }
    },
    referrerPolicy: { policy: 'no-referrer' },
    // On a plain http address browsers ignore it, and say so in the console for each page.
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
    strictTransportSecurity: false
  });
  app.addHook('onRequest', async (request, reply) => {
    if (isPublicHttps(request)) void reply.header('strict-transport-security', 'max-age=15552000');
    void reply.header('permissions-policy', 'interest-cohort=(), browsing-topics=()');
  });
}
