// Brings one push to one push service: encrypted for the browser, signed for the service, to a checked address, within a
// time. Invariant: never rejects; nothing that a service answers but its status and when to come again is looked at.

import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import webPush from 'web-push';
import { checkedLookup, NotPublicError, type Resolve } from '../outbound/public-host.ts';
import { endpointFlaw } from './push-endpoint.ts';
import type { PushSubscription } from './push-subscriptions.ts';
import type { VapidKeys } from './vapid-keys.ts';

/** What a device has not heard of after a day, it finds when it is opened. */
const TTL_S = 24 * 3_600;
const TIMEOUT_MS = 10_000;
const ANSWER_MAX_BYTES = 16 * 1024;
const SOCKETS_PER_HOST = 16;

export interface Push {
  readonly payload: string;
  /** A service that still holds one of the same topic drops that: at most 32 characters of base64url. */
  readonly topic: string;
  readonly urgency: 'normal' | 'high';
}

export type PushOutcome =
  | { readonly kind: 'taken' }
  /** There is no such subscription any more. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'later'; readonly afterMs: number | null }
  /** It will not be taken at another try either. */
  | { readonly kind: 'refused'; readonly why: string };

export interface PushSenderDeps {
  readonly vapid: VapidKeys;
  /** Whom a service asks when something is wrong with what this server pushes: https or mailto. */
  readonly subject: string;
  /** Origins of push services that may be anywhere. */
  readonly ownServices: readonly string[];
  /** Of all other names; by default the name servers of the system. */
  readonly resolve?: Resolve;
}

interface Agents {
  readonly http: http.Agent;
  readonly https: https.Agent;
}

export class PushSender {
  readonly #deps: PushSenderDeps;
  readonly #own: ReadonlySet<string>;
  /** A host is allowed at its origin alone: what has another port may be somebody else's. */
  readonly #ownAgents: Agents;
  readonly #agents: Agents;

  constructor(deps: PushSenderDeps) {
    this.#deps = deps;
    this.#own = new Set(deps.ownServices);
    const ownHosts = new Set(deps.ownServices.map((origin) => new URL(origin).hostname));
    this.#ownAgents = agentsWith(checkedLookup(ownHosts));
    this.#agents = agentsWith(checkedLookup(new Set(), deps.resolve));
  }

  get publicKey(): string {
    return this.#deps.vapid.publicKey;
  }

  flawOf(endpoint: string): ReturnType<typeof endpointFlaw> {
    return endpointFlaw(endpoint, this.#own);
  }

  /** @param signal ends it, as if the service had not answered */
  async send(
    to: Pick<PushSubscription, 'endpoint' | 'p256dh' | 'auth'>,
    push: Push,
    signal?: AbortSignal
  ): Promise<PushOutcome> {
    const flaw = this.flawOf(to.endpoint);
    if (flaw) return { kind: 'refused', why: flaw };
    let request;
    try {
      request = this.#request(to, push);
    } catch {
      return { kind: 'refused', why: 'keys' };
    }
    try {
      return await this.#post(request, signal);
    } catch (error) {
      if (error instanceof NotPublicError) return { kind: 'refused', why: 'not-public' };
      return { kind: 'later', afterMs: null };
    }
  }

  close(): void {
    for (const agents of [this.#ownAgents, this.#agents]) {
      agents.http.destroy();
      agents.https.destroy();
    }
  }

  #request({ endpoint, p256dh, auth }: Pick<PushSubscription, 'endpoint' | 'p256dh' | 'auth'>, push: Push) {
    const { vapid, subject } = this.#deps;
    return webPush.generateRequestDetails({ endpoint, keys: { p256dh, auth } }, push.payload, {
      vapidDetails: { subject, ...vapid },
      contentEncoding: 'aes128gcm',
      TTL: TTL_S,
      topic: push.topic,
      urgency: push.urgency
    });
  }

  #post({ endpoint, headers, body }: webPush.RequestDetails, signal?: AbortSignal): Promise<PushOutcome> {
    const isPlain = endpoint.startsWith('http:');
    const agents = this.#own.has(new URL(endpoint).origin) ? this.#ownAgents : this.#agents;
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    return new Promise((resolve, reject) => {
      const request = (isPlain ? http : https).request(endpoint, {
        method: 'POST',
        headers,
        agent: isPlain ? agents.http : agents.https,
        signal: signal ? AbortSignal.any([timeout, signal]) : timeout
      });
      request.on('error', reject);
      // After a 101 there is neither an answer nor an error, and no signal ends it any more.
      request.on('close', () => reject(new Error('closed without an answer')));
      request.on('response', (response) => {
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > ANSWER_MAX_BYTES) response.destroy();
        });
        // What the answer says is in its head already.
        response.on('error', () => undefined);
        resolve(outcomeOf(response.statusCode ?? 0, response.headers['retry-after']));
      });
      request.end(body);
    });
  }
}

function agentsWith(lookup: LookupFunction): Agents {
  const options = { keepAlive: true, maxSockets: SOCKETS_PER_HOST, timeout: TIMEOUT_MS, lookup };
  return { http: new http.Agent(options), https: new https.Agent(options) };
}

/** RFC 8030. A redirection is no answer of a push service: following it would lead where nobody has looked. */
function outcomeOf(status: number, retryAfter: string | undefined): PushOutcome {
  if (status >= 200 && status < 300) return { kind: 'taken' };
  if (status === 404 || status === 410) return { kind: 'gone' };
  if (status === 429 || status >= 500) {
    const seconds = Number(retryAfter);
    return { kind: 'later', afterMs: retryAfter !== undefined && seconds >= 0 ? seconds * 1_000 : null };
  }
  return { kind: 'refused', why: String(status) };
}
