// Asks the worker whether signatures fit, or does it here where there is none. Invariant: every question is answered
// once; a worker that fails is given up for good, and what it owed is checked here.

import { isSignatureValid, type SignatureQuestion } from './signature-check.ts';
import type { SignatureVerdicts } from './signature-worker.ts';

/** The part of Worker that is needed. */
export interface WorkerLike {
  onmessage: ((event: MessageEvent) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  postMessage(message: unknown): void;
  terminate(): void;
}

interface Asked {
  readonly questions: readonly SignatureQuestion[];
  readonly answer: (valid: readonly boolean[] | Promise<readonly boolean[]>) => void;
}

export class SignatureChecks {
  readonly #subtle: SubtleCrypto | null;
  #open: (() => WorkerLike) | null;
  #worker: WorkerLike | null = null;
  readonly #asked = new Map<number, Asked>();
  #batches = 0;

  /** @param open starts the worker; null: there is none */
  constructor(open: (() => WorkerLike) | null, subtle: SubtleCrypto | null) {
    this.#open = open;
    this.#subtle = subtle;
  }

  check(questions: readonly SignatureQuestion[]): Promise<readonly boolean[]> {
    const worker = this.#started();
    if (!worker) return this.#here(questions);
    const batch = (this.#batches += 1);
    return new Promise((answer) => {
      this.#asked.set(batch, { questions, answer });
      worker.postMessage({ batch, questions });
    });
  }

  close(): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#open = null;
  }

  #started(): WorkerLike | null {
    if (this.#worker || !this.#open) return this.#worker;
    try {
      const worker = this.#open();
      worker.onmessage = ({ data }) => {
        const { batch, valid } = data as SignatureVerdicts;
        this.#asked.get(batch)?.answer(valid);
        this.#asked.delete(batch);
      };
      worker.onerror = () => this.#giveUp();
      this.#worker = worker;
    } catch {
      this.#open = null;
    }
    return this.#worker;
  }

  #giveUp(): void {
    this.close();
    for (const { questions, answer } of this.#asked.values()) answer(this.#here(questions));
    this.#asked.clear();
  }

  #here(questions: readonly SignatureQuestion[]): Promise<readonly boolean[]> {
    return Promise.all(questions.map((question) => isSignatureValid(question, this.#subtle)));
  }
}
