// Asks for the preview of a page, for a message that is being written. Whatever keeps it from being had is answered alike: what
// lies in the server's own network is not told from what is not there.

import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import type { PreviewAnswer } from '#protocol/api/preview.ts';
import { LINK_MAX_CHARS } from '#protocol/limits.ts';
import { isWebLink } from '#protocol/links.ts';
import type { RateLimit } from '../accounts/rate-limit.ts';
import type { Previews } from '../previews/previews.ts';
import type { Authentication } from './authentication.ts';
import { ApiProblem } from './problem.ts';
import { readBody } from './request-body.ts';
import { takeAttempt } from './take-attempt.ts';

export interface PreviewRoutesDeps {
  readonly authentication: Authentication;
  /** null: the host wants none. */
  readonly previews: Previews | null;
  /** Of one person. */
  readonly previewRequests: RateLimit;
}

const BUSY_MS = 2_000;

const previewBody = v.object({
  url: v.pipe(
    v.string(),
    v.maxLength(LINK_MAX_CHARS),
    v.check((url) => isWebLink(url), 'not a web address')
  )
});

export function addPreviewRoutes(app: FastifyInstance, deps: PreviewRoutesDeps): void {
  const { authentication, previews, previewRequests } = deps;

  app.post('/api/previews', async (request, reply): Promise<PreviewAnswer> => {
    const { user } = await authentication.requireSession(request, reply);
    if (!previews) throw new ApiProblem('previews-off', 'This server makes no previews. Send the link without one.');
    const { url } = readBody(request, previewBody);
    takeAttempt(previewRequests, user.id);
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const page = await previews.of(new URL(url), user.id, gone.signal);
    if (page === 'busy')
      throw new ApiProblem('rate-limited', 'Too many previews at once. Try again in a moment.', {
        retryAfterMs: BUSY_MS
      });
    void reply.header('cache-control', 'no-store');
    return { page };
  });
}
