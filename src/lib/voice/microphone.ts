// The microphone of this device and the browser's recorder behind one small port, so that tests can have another one.
// Invariant: once it has ended, nothing listens to the microphone any more.

/** Why there is nothing to record with. */
export type MicrophoneTrouble = 'refused' | 'missing' | 'busy' | 'unable';

export interface MicrophoneEvents {
  /** A piece of the recording, in order. */
  readonly piece: (bytes: Blob) => void;
  /** It was unplugged, or the browser took it away. */
  readonly gone: () => void;
}

export interface Microphone {
  /** How loud it is now, 0 to 1. */
  level(): number;
  pause(): void;
  resume(): void;
  /** All pieces have come when it resolves. */
  end(): Promise<void>;
}

export type OpenMicrophone = (events: MicrophoneEvents) => Promise<Microphone | MicrophoneTrouble>;

/** What is lost of a recording when the device is. */
const PIECE_MS = 1_000;
/** Speech is well understood at this, and ten minutes are 2.4 MB. */
const BITS_PER_S = 32_000;
const TYPES = ['audio/webm;codecs=opus', 'audio/mp4'];

const TROUBLES: Readonly<Record<string, MicrophoneTrouble>> = {
  NotAllowedError: 'refused',
  SecurityError: 'refused',
  NotFoundError: 'missing',
  OverconstrainedError: 'missing',
  NotReadableError: 'busy',
  AbortError: 'busy'
};

/** This device's own. */
export const openMicrophone: OpenMicrophone = async (events) => {
  const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
  let stream: MediaStream;
  try {
    const audio = { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true };
    stream = await navigator.mediaDevices.getUserMedia({ audio });
  } catch (error) {
    return TROUBLES[(error as { name?: string }).name ?? ''] ?? 'unable';
  }
  const silence = (): void => stream.getTracks().forEach((track) => track.stop());
  try {
    const recorder = new MediaRecorder(stream, { ...(mimeType && { mimeType }), audioBitsPerSecond: BITS_PER_S });
    const meter = new Meter(stream);
    // A phone that goes dark takes the microphone away.
    const awake = (navigator as { wakeLock?: WakeLock }).wakeLock?.request('screen').catch(() => null);
    const ended = Promise.withResolvers<void>();
    recorder.addEventListener('dataavailable', ({ data }) => {
      if (data.size > 0) events.piece(data);
    });
    recorder.addEventListener('stop', () => {
      silence();
      meter.close();
      void awake?.then((lock) => lock?.release());
      ended.resolve();
    });
    // A track that ends stops its recorder, too; what was recorded comes with that.
    recorder.addEventListener('error', () => events.gone());
    for (const track of stream.getTracks()) track.addEventListener('ended', () => events.gone());
    recorder.start(PIECE_MS);
    return {
      level: () => meter.level(),
      pause: () => {
        recorder.pause();
        recorder.requestData();
      },
      resume: () => recorder.resume(),
      end: () => {
        // Its stop event comes, or came, in either case.
        if (recorder.state !== 'inactive') recorder.stop();
        return ended.promise;
      }
    };
  } catch {
    silence();
    return 'unable';
  }
};

class Meter {
  readonly #context = new AudioContext();
  readonly #analyser = new AnalyserNode(this.#context, { fftSize: 2_048 });
  readonly #samples = new Float32Array(this.#analyser.fftSize);

  constructor(stream: MediaStream) {
    new MediaStreamAudioSourceNode(this.#context, { mediaStream: stream }).connect(this.#analyser);
    void this.#context.resume();
  }

  level(): number {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    return this.#samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  }

  close(): void {
    void this.#context.close();
  }
}
