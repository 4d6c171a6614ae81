// Large answers of the API, compressed as the client can take them.

import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Below this the headers outweigh what is saved. */
const MIN_BYTES = 1_024;
const brotli = promisify(brotliCompress);
const gzipped = promisify(gzip);

export async function sendCompressed(
  request: FastifyRequest,
  reply: FastifyReply,
  value: unknown
): Promise<FastifyReply> {
  const body = Buffer.from(JSON.stringify(value));
  void reply.type('application/json; charset=utf-8').header('vary', 'accept-encoding');
  const accepted = body.length < MIN_BYTES ? '' : String(request.headers['accept-encoding'] ?? '');
  if (accepts(accepted, 'br')) {
    // Level 4: close to the best for JSON at a tenth of its time.
    const params = { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_SIZE_HINT]: body.length };
    return reply.header('content-encoding', 'br').send(await brotli(body, { params }));
  }
  if (accepts(accepted, 'gzip')) return reply.header('content-encoding', 'gzip').send(await gzipped(body));
  return reply.send(body);
}

function accepts(header: string, encoding: string): boolean {
  return header.split(',').some((part) => {
    const [name, ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    return name === encoding && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
  });
}
