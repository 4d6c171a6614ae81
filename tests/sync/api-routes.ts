// Every route of the API, read from the code that adds them, so that no test of all routes can miss one.

import { readdirSync, readFileSync } from 'node:fs';

export interface ApiRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With parameters as Fastify names them: `/api/rooms/:id`. */
  readonly path: string;
}

const HTTP = new URL('../../sync-server/http/', import.meta.url);
const ROUTE = /\bapp\s*\.(get|post|put|patch|delete)(?:<[^(]*>)?\(\s*'(\/api\/[^']*)'/g;

/** Sorted by path and method. */
export function apiRoutes(): ApiRoute[] {
  const files = readdirSync(HTTP).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  const routes = files.flatMap((file) =>
    [...readFileSync(new URL(file, HTTP), 'utf8').matchAll(ROUTE)].map(([, method, path]) => ({
      method: method!.toUpperCase() as ApiRoute['method'],
      path: path!
    }))
  );
  return routes.sort((a, b) => (a.path === b.path ? (a.method < b.method ? -1 : 1) : a.path < b.path ? -1 : 1));
}
