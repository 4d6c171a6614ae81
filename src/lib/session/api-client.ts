// Calls of the JSON API. Invariant: never throws; what is expected to go wrong comes back with words for people.

import type { ApiErrorCode, Problem } from '#protocol/api/problem.ts';
import { API_ERROR_CODES } from '#protocol/api/problem.ts';
import { isSessionEnd, type SessionEnd } from '#protocol/session-end.ts';
import type { Environment } from '../environment.ts';
import type { Result } from '../model/result.ts';
import { apiWords } from './api-words.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A body that may be the one we have already (304). */
export type Fetched<Value> =
  | { readonly ok: true; readonly changed: true; readonly value: Value; readonly etag: string | null }
  | { readonly ok: true; readonly changed: false }
  | { readonly ok: false; readonly code: string; readonly message: string };

const REQUEST_TIMEOUT_MS = 20_000;

export class ApiClient {
  readonly #fetch: Environment['fetch'];
  /** Called when the server says that the session has ended; null: it does not know why. */
  onSignedOut: ((cause: SessionEnd | null) => void) | null = null;

  constructor(environment: Pick<Environment, 'fetch'>) {
    this.#fetch = environment.fetch;
  }

  get<Value>(path: string): Promise<Result<Value>> {
    return this.#value<Value>('GET', path, undefined);
  }

  post<Value>(path: string, body: unknown): Promise<Result<Value>> {
    return this.#value<Value>('POST', path, body);
  }

  put<Value>(path: string, body: unknown): Promise<Result<Value>> {
    return this.#value<Value>('PUT', path, body);
  }

  patch<Value>(path: string, body: unknown): Promise<Result<Value>> {
    return this.#value<Value>('PATCH', path, body);
  }

  delete<Value>(path: string, body?: unknown): Promise<Result<Value>> {
    return this.#value<Value>('DELETE', path, body);
  }

  /** Sends a picture as it is; its type goes along. */
  upload<Value>(path: string, picture: Blob): Promise<Result<Value>> {
    return this.#value<Value>('POST', path, picture);
  }

  /** Asks for a body unless it is still the one with this ETag. */
  async getChanged<Value>(path: string, etag: string | null): Promise<Fetched<Value>> {
    const answer = await this.#request('GET', path, undefined, etag ? { 'if-none-match': etag } : {});
    if (!answer.ok) return answer;
    if (answer.value.status === 304) return { ok: true, changed: false };
    const body = await readJson<Value>(answer.value);
    return body.ok ? { ok: true, changed: true, value: body.value, etag: answer.value.headers.get('etag') } : body;
  }

  async #value<Value>(method: Method, path: string, body: unknown): Promise<Result<Value>> {
    const answer = await this.#request(method, path, body, {});
    if (!answer.ok) return answer;
    if (answer.value.status === 204) return { ok: true, value: undefined as Value };
    return readJson<Value>(answer.value);
  }

  async #request(
    method: Method,
    path: string,
    body: unknown,
    headers: Record<string, string>
  ): Promise<Result<Response>> {
    const init: RequestInit = {
      method,
      credentials: 'same-origin',
      // The service worker and our own database are the caches; the browser's would answer with old ETags.
      cache: 'no-store',
      headers,
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS)
    };
    if (body instanceof Blob) {
      init.headers = { ...headers, 'content-type': body.type };
      init.body = body;
    } else if (body !== undefined) {
      init.headers = { ...headers, 'content-type': 'application/json' };
      init.body = JSON.stringify(body);
    }
    try {
      const response = await this.#fetch(path, init);
      if (response.ok || response.status === 304) return { ok: true, value: response };
      const { code, ended } = await readProblem(response);
      if (code === 'signed-out') this.onSignedOut?.(ended);
      return { ok: false, code, message: apiWords(code) };
    } catch {
      return offline();
    }
  }
}

const offline = (): { ok: false; code: string; message: string } => ({
  ok: false,
  code: 'offline',
  message: apiWords('offline')
});

async function readJson<Value>(response: Response): Promise<Result<Value>> {
  try {
    return { ok: true, value: (await response.json()) as Value };
  } catch {
    return offline();
  }
}

async function readProblem(
  response: Response
): Promise<{ readonly code: ApiErrorCode; readonly ended: SessionEnd | null }> {
  try {
    const problem = (await response.json()) as Partial<Problem>;
    const code = API_ERROR_CODES.find((known) => known === problem.code);
    if (code) return { code, ended: isSessionEnd(problem.ended) ? problem.ended : null };
  } catch {
    // A proxy answered, not our server.
  }
  return { code: response.status === 401 ? 'signed-out' : 'internal', ended: null };
}
