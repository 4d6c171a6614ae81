// Checks signatures off the main thread, a batch at a time, so that scrolling through the past stays smooth.

import { isSignatureValid, type SignatureQuestion } from './signature-check.ts';

export interface SignatureBatch {
  readonly batch: number;
  readonly questions: readonly SignatureQuestion[];
}
export interface SignatureVerdicts {
  readonly batch: number;
  readonly valid: readonly boolean[];
}

const worker = globalThis as unknown as {
  onmessage: ((event: MessageEvent<SignatureBatch>) => void) | null;
  postMessage: (verdicts: SignatureVerdicts) => void;
};

worker.onmessage = ({ data: { batch, questions } }) => {
  const subtle = (crypto as { subtle?: SubtleCrypto }).subtle ?? null;
  void Promise.all(questions.map((question) => isSignatureValid(question, subtle))).then((valid) =>
    worker.postMessage({ batch, valid })
  );
};
