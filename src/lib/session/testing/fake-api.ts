// A server of the JSON API that answers as a test says, and remembers what it was asked.

import { ApiClient } from '../api-client.ts';

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}
/** A body; a Problem's code as `{ code }` with a status; undefined: 204. */
export type Answer = { readonly status?: number; readonly body?: unknown };

export class FakeApi {
  readonly calls: Call[] = [];
  readonly client: ApiClient;
  online = true;
  readonly #answers = new Map<string, (call: Call) => Answer>();

  constructor() {
    this.client = new ApiClient({ fetch: (path, init) => this.#fetch(path, init) });
  }

  /** @param call `GET /api/sessions` */
  on(call: string, answer: (call: Call) => Answer): void {
    this.#answers.set(call, answer);
  }

  async #fetch(path: string, init: RequestInit = {}): Promise<Response> {
    if (!this.online) throw new TypeError('fetch failed');
    const method = init.method ?? 'GET';
    const sent: unknown = typeof init.body === 'string' ? JSON.parse(init.body) : (init.body ?? undefined);
    const call = { method, path, body: sent };
    this.calls.push(call);
    const { status, body } = this.#answers.get(`${method} ${path}`)?.(call) ?? {
      status: 404,
      body: { code: 'not-found' }
    };
    if (body === undefined) return new Response(null, { status: status ?? 204 });
    return Response.json(body, { status: status ?? 200 });
  }
}
