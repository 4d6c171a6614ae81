// The trust page over HTTP, where the server has a certificate authority of its own.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { FastifyInstance } from 'fastify';
import { CERTIFICATE_PATH, renderTrustPage, TRUST_PATH, TRUST_STYLE_PATH } from '../tls/trust-page.ts';

export interface TrustRoutesDeps {
  readonly name: string;
  readonly authority: { readonly fingerprint: string; readonly der: Buffer };
}

export function addTrustRoutes(app: FastifyInstance, { name, authority }: TrustRoutesDeps): void {
  const style = readFileSync(path.join(import.meta.dirname, '../tls/trust-page.css'), 'utf8');

  app.get(TRUST_PATH, async (request, reply) => {
    const host = /^[A-Za-z0-9.-]+(?::\d{1,5})?$/.test(request.host) ? request.host : null;
    const page = renderTrustPage({ name, fingerprint: authority.fingerprint, host });
    return reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache').send(page);
  });

  app.get(TRUST_STYLE_PATH, async (_request, reply) =>
    reply.type('text/css; charset=utf-8').header('cache-control', 'no-cache').send(style)
  );

  app.get(CERTIFICATE_PATH, async (_request, reply) =>
    reply
      .type('application/x-x509-ca-cert')
      .header('content-disposition', 'attachment; filename="roost-ca.crt"')
      .header('cache-control', 'no-cache')
      .send(authority.der)
  );
}
