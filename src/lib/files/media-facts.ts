// What a film or a recording is like, asked of the browser that plays it: measures, length, and a picture of its beginning.
// Invariant: settles within PATIENCE_MS, with as much as is known by then.

export interface MediaFacts {
  readonly width?: number;
  readonly height?: number;
  /** ms */
  readonly duration?: number;
  readonly poster: Blob | null;
}

const PATIENCE_MS = 6_000;
/** The first picture of many films is black. */
const POSTER_AT_S = 0.5;
const POSTER_SIDE = 1_280;

export async function readMedia(bytes: Blob): Promise<MediaFacts> {
  const film = bytes.type.startsWith('video/');
  const element = document.createElement(film ? 'video' : 'audio');
  element.preload = 'auto';
  element.muted = true;
  const address = URL.createObjectURL(bytes);
  const patience = AbortSignal.timeout(PATIENCE_MS);
  try {
    element.src = address;
    if (!(await happens(element, 'loadedmetadata', patience))) return { poster: null };
    const { duration } = element;
    const facts = Number.isFinite(duration) ? { duration: Math.round(duration * 1_000) } : {};
    if (!(element instanceof HTMLVideoElement) || element.videoWidth === 0) return { ...facts, poster: null };
    const size = { width: element.videoWidth, height: element.videoHeight };
    element.currentTime = Math.min(POSTER_AT_S, (Number.isFinite(duration) ? duration : 0) / 2);
    const shown = await happens(element, 'seeked', patience);
    return { ...facts, ...size, poster: shown ? await posterOf(element) : null };
  } finally {
    element.removeAttribute('src');
    element.load();
    URL.revokeObjectURL(address);
  }
}

/** @returns false: it broke, or took too long */
function happens(element: HTMLMediaElement, event: string, patience: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    element.addEventListener(event, () => resolve(true), { once: true });
    element.addEventListener('error', () => resolve(false), { once: true });
    patience.addEventListener('abort', () => resolve(false), { once: true });
  });
}

async function posterOf(film: HTMLVideoElement): Promise<Blob | null> {
  const scale = Math.min(1, POSTER_SIDE / Math.max(film.videoWidth, film.videoHeight));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(film.videoWidth * scale));
  canvas.height = Math.max(1, Math.round(film.videoHeight * scale));
  canvas.getContext('2d')?.drawImage(film, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}
