// Whether it is proven who wrote an entry. Invariant: an entry is looked at when it is first shown, never before, and
// once: the verdict stays with its object. What cannot be told without the network is told when there is a line.

import { createSubscriber } from 'svelte/reactivity';
import { SERVER_AUTHOR } from '#protocol/entry-fields.ts';
import { isKnown, type Entry } from '#protocol/entry.ts';
import { isImportedAuthor } from '#protocol/ids.ts';
import type { SignatureChecks } from '../proof/signature-checks.ts';
import type { DeviceDirectory } from '../sync/device-directory.ts';
import type { MessageItem } from './timeline-item.ts';

export type Proof = MessageItem['proof'];

class Verdict {
  readonly room: string;
  readonly entry: Entry;
  #proof: Proof = 'pending';
  #tell: (() => void) | null = null;
  // Not `$state`: made within the reaction that reads it first, it would not be followed by that.
  readonly #follow = createSubscriber((tell) => {
    this.#tell = tell;
    return () => (this.#tell = null);
  });

  constructor(room: string, entry: Entry) {
    this.room = room;
    this.entry = entry;
  }

  get proof(): Proof {
    this.#follow();
    return this.#proof;
  }
  set proof(proof: Proof) {
    this.#proof = proof;
    this.#tell?.();
  }
}

export class Proofs {
  readonly #checks: SignatureChecks;
  #devices: DeviceDirectory | null = null;
  readonly #verdicts = new WeakMap<Entry, Verdict>();
  #waiting: Verdict[] = [];
  #looking = false;

  constructor(checks: SignatureChecks) {
    this.#checks = checks;
  }

  /** Reactive. */
  of(room: string, entry: Entry): Proof {
    const { author, device } = entry;
    if (author === SERVER_AUTHOR || isImportedAuthor(author)) return 'none';
    // What the server writes for a person is no message.
    if (device === undefined) return isKnown(entry) && entry.type === 'message' ? 'bot' : 'none';
    let verdict = this.#verdicts.get(entry);
    if (!verdict) {
      verdict = new Verdict(room, entry);
      this.#verdicts.set(entry, verdict);
      this.#waiting.push(verdict);
      this.#lookSoon();
    }
    return verdict.proof;
  }

  /** Somebody is signed in; null: nobody. */
  begin(devices: DeviceDirectory | null): void {
    this.#devices = devices;
    this.lineUp();
  }

  /** There is a line: asks again about what could not be told. */
  lineUp(): void {
    if (this.#waiting.length > 0) this.#lookSoon();
  }

  #lookSoon(): void {
    if (this.#looking || !this.#devices) return;
    this.#looking = true;
    // What one frame shows goes together.
    setTimeout(() => void this.#look(), 0);
  }

  async #look(): Promise<void> {
    const devices = this.#devices;
    const verdicts = this.#waiting;
    this.#waiting = [];
    const found = (await devices?.find(verdicts.map(({ entry }) => entry.device!))) ?? new Map<string, never>();
    const sure: Verdict[] = [];
    const keys: string[] = [];
    for (const verdict of verdicts) {
      const device = found.get(verdict.entry.device!) ?? 'offline';
      if (device === 'offline') this.#waiting.push(verdict);
      else if (device === 'absent' || device.user !== verdict.entry.author) verdict.proof = 'failed';
      else {
        sure.push(verdict);
        keys.push(device.publicKey);
      }
    }
    const questions = sure.map(({ room, entry }, at) => ({ room, entry, publicKey: keys[at]! }));
    const valid = questions.length > 0 ? await this.#checks.check(questions) : [];
    for (const [at, verdict] of sure.entries()) verdict.proof = valid[at] ? 'signed' : 'failed';
    this.#looking = false;
    // What came meanwhile; what has no line waits for one.
    if (this.#waiting.some((verdict) => !verdicts.includes(verdict))) this.#lookSoon();
  }
}
