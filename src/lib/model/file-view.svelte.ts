// A file as it is shown: looked for on this device, and fetched when that is asked for. Invariant: what is closed holds no
// address, whatever was still under way.

import type { Fetched } from '../sync/files.ts';
import type { FileAddresses } from './file-addresses.ts';
import type { FileModel } from './room-files.ts';

export interface FileViewOptions {
  readonly hash: string;
  readonly addresses: FileAddresses;
  /** null: not on this device. */
  readonly kept: () => Promise<Blob | null>;
  readonly fetch: (progress: (bytes: number) => void) => Promise<Fetched>;
  readonly isWanted: () => boolean;
  readonly want: () => void;
  readonly closed: (view: FileView) => void;
  /** Bytes. */
  readonly size: number;
}

export class FileView implements FileModel {
  readonly #options: FileViewOptions;
  #status = $state<FileModel['status']>('looking');
  #address = $state<string | null>(null);
  #share = $state(0);
  #closed = false;

  constructor(options: FileViewOptions) {
    this.#options = options;
    const known = options.addresses.take(options.hash);
    if (known === null) void this.#look();
    else {
      this.#address = known;
      this.#status = 'here';
    }
  }

  get status() {
    return this.#status;
  }
  get address() {
    return this.#address;
  }

  get share() {
    return this.#share;
  }

  async fetch(): Promise<void> {
    if (this.#closed || this.#status === 'here' || this.#status === 'fetching') return;
    this.#status = 'fetching';
    this.#share = 0;
    const { size } = this.#options;
    const fetched = await this.#options.fetch((bytes) => (this.#share = Math.min(1, bytes / size)));
    if (fetched.kind === 'here') this.#show(fetched.bytes);
    else this.#status = fetched.kind;
  }

  get hash() {
    return this.#options.hash;
  }
  get wanted() {
    return this.#options.isWanted();
  }
  want(): void {
    this.#options.want();
  }

  /** It has come meanwhile. */
  found(bytes: Blob): void {
    if (this.#status !== 'here' && this.#status !== 'fetching') this.#show(bytes);
  }

  /** It may have come meanwhile. */
  async lookAgain(): Promise<void> {
    if (this.#status !== 'away' && this.#status !== 'offline') return;
    const kept = await this.#options.kept();
    if (kept) this.found(kept);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#options.closed(this);
    if (this.#address !== null) this.#options.addresses.release(this.#options.hash);
  }

  async #look(): Promise<void> {
    const kept = await this.#options.kept();
    if (this.#status !== 'looking') return;
    if (kept) this.#show(kept);
    else this.#status = 'away';
  }

  #show(bytes: Blob): void {
    if (this.#closed) return;
    this.#address = this.#options.addresses.make(this.#options.hash, bytes);
    this.#status = 'here';
  }
}
