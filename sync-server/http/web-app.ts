// The built app: its files, and its one page for every address of a person's. What is named by its content is
// kept for a year; the worker, the page and the manifest are asked for anew each time.

import { existsSync } from 'node:fs';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ApiProblem, sendProblem } from './problem.ts';

const FALLBACK_PAGE = '200.html';
/** Addresses under which a missing thing is missing, and not a screen of the app. */
const NOT_SCREENS = /^\/(?:api|sync|files|_app|healthz|trust)(?:\/|$)/;

export async function serveWebApp(app: FastifyInstance, buildDir: string): Promise<void> {
  if (existsSync(buildDir)) {
    await app.register(fastifyStatic, {
      root: buildDir,
      index: false,
      dotfiles: 'ignore',
      redirect: false,
      preCompressed: true,
      cacheControl: false,
      setHeaders: (reply, file) => void reply.header('cache-control', cacheRule(path.relative(buildDir, file)))
    });
  }
  app.setNotFoundHandler(async (request, reply) => {
    if (!isScreen(request)) return sendProblem(reply, new ApiProblem('not-found', 'There is nothing at this address.'));
    if (!existsSync(path.join(buildDir, FALLBACK_PAGE))) return sendNotBuilt(reply);
    return reply.code(200).sendFile(FALLBACK_PAGE);
  });
}

function cacheRule(file: string): string {
  if (file.startsWith(path.join('_app', 'immutable', path.sep))) return 'public, max-age=31536000, immutable';
  return 'no-cache';
}

function isScreen(request: FastifyRequest): boolean {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false;
  const address = request.url.split('?', 1)[0]!;
  if (NOT_SCREENS.test(address)) return false;
  const accept = request.headers.accept ?? '*/*';
  return accept.includes('text/html') || (accept.includes('*/*') && !path.posix.basename(address).includes('.'));
}

const sendNotBuilt = (reply: FastifyReply): FastifyReply =>
  reply.code(503).header('cache-control', 'no-store').type('text/html; charset=utf-8').send(`<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Roost is not built</title>
<h1>Roost is not built yet</h1>
<p>The server runs, but the app is missing. Run <code>npm run build</code>, then load this page again.</p></html>
`);
