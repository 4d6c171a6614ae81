// Asks the worker to make pictures anew. Invariant: every question is answered, by null where there is no worker that can;
// it is started with the first picture and ends when there was none for a while.

import type { MadePicture, PictureAnswer } from './picture-worker.ts';

const REST_MS = 30_000;

export class Pictures {
  #worker: Worker | null = null;
  readonly #asked = new Map<number, (made: MadePicture | null) => void>();
  #questions = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param type as its bytes say
   * @param full with all its pixels
   */
  make(bytes: Blob, type: string, full = false): Promise<MadePicture | null> {
    clearTimeout(this.#timer);
    const worker = (this.#worker ??= this.#start());
    const id = (this.#questions += 1);
    return new Promise((answer) => {
      this.#asked.set(id, answer);
      worker.postMessage({ id, bytes, type, full });
    });
  }

  #start(): Worker {
    const worker = new Worker(new URL('./picture-worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<PictureAnswer>) => {
      this.#asked.get(data.id)?.(data.made);
      this.#asked.delete(data.id);
      if (this.#asked.size === 0) this.#timer = setTimeout(() => this.#end(), REST_MS);
    };
    worker.onerror = () => this.#end();
    return worker;
  }

  #end(): void {
    this.#worker?.terminate();
    this.#worker = null;
    for (const answer of this.#asked.values()) answer(null);
    this.#asked.clear();
  }
}
