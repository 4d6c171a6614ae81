// Asks a worker for the small picture of a preview. Invariants: it is answered, by null where it cannot be done in time; the
// worker ends with its answer, and what it decoded with it.

import type { PreviewPicture } from '#protocol/preview.ts';

const TIMEOUT_MS = 5_000;

/** @param data base64 */
export function smallPicture({
  type,
  data
}: {
  readonly type: string;
  readonly data: string;
}): Promise<PreviewPicture | null> {
  const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
  const worker = new Worker(new URL('./small-picture-worker.ts', import.meta.url), { type: 'module' });
  return new Promise((resolve) => {
    const end = (made: PreviewPicture | null): void => {
      clearTimeout(timer);
      worker.terminate();
      resolve(made);
    };
    const timer = setTimeout(() => end(null), TIMEOUT_MS);
    worker.onmessage = ({ data: made }: MessageEvent<PreviewPicture | null>) => end(made);
    worker.onerror = () => end(null);
    worker.postMessage(new Blob([bytes], { type }));
  });
}
