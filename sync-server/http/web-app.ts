// The built app: its files, and its one page for every address of a person's. What is named by its content is
// kept for a year; the worker, the page and the manifest are asked for anew each time.

import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ApiProblem, sendProblem } from './problem.ts';

const FALLBACK_PAGE = '200.html';
/** Addresses under which a missing thing is missing, and not a screen of the app. */
const NOT_SCREENS = /^\/(?:api|sync|files|_app|healthz|trust)(?:\/|$)/;

export async function serveWebApp(app: FastifyInstance, buildDir: string): Promise<void> {
  const isBuilt = (): boolean => existsSync(path.join(buildDir, FALLBACK_PAGE));
  await app.register(fastifyStatic, {
    root: buildDir,
    serve: false,
    preCompressed: true,
    cacheControl: false
  });

  app.setNotFoundHandler(async (request, reply) => {
    const file = fileOf(request);
    if (file !== null && (await isFile(path.join(buildDir, file)))) {
      return reply.header('cache-control', cacheRule(file)).sendFile(file);
    }
    if (!isScreen(request)) return sendProblem(reply, new ApiProblem('not-found', 'There is nothing at this address.'));
    if (!isBuilt()) return sendNotBuilt(reply);
    return reply.code(200).header('cache-control', cacheRule(FALLBACK_PAGE)).sendFile(FALLBACK_PAGE);
  });
}

const reads = ({ method }: FastifyRequest): boolean => method === 'GET' || method === 'HEAD';
const addressOf = ({ url }: FastifyRequest): string => url.split('?', 1)[0]!;

/** The file of the build that an address names, or null. Hidden files and ways out of the folder name none. */
function fileOf(request: FastifyRequest): string | null {
  if (!reads(request)) return null;
  let address: string;
  try {
    address = decodeURIComponent(addressOf(request));
  } catch {
    return null;
  }
  const parts = address.split('/').slice(1);
  if (parts.some((part) => part === '' || part.startsWith('.') || /[\\\0]/.test(part))) return null;
  return parts.join('/');
}

async function isFile(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

const cacheRule = (file: string): string =>
  file.startsWith('_app/immutable/') ? 'public, max-age=31536000, immutable' : 'no-cache';

function isScreen(request: FastifyRequest): boolean {
  const address = addressOf(request);
  if (!reads(request) || NOT_SCREENS.test(address)) return false;
  const accept = request.headers.accept ?? '*/*';
  return accept.includes('text/html') || (accept.includes('*/*') && !path.posix.basename(address).includes('.'));
}

const sendNotBuilt = (reply: FastifyReply): FastifyReply =>
  reply.code(503).header('cache-control', 'no-store').type('text/html; charset=utf-8').send(`<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Roost is not built</title>
<h1>Roost is not built yet</h1>
<p>The server runs, but the app is missing. Run <code>npm run build</code>, then load this page again.</p></html>
`);
