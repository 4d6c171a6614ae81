// Whether this browser can record at all: on plain http it has no microphone for anybody.

import { m } from '#lib/words/generated/messages.js';

/** @returns why not, in words; null: it can */
export function whyNoVoice(): string | null {
  if (!isSecureContext) return m.voice_needs_https();
  const { mediaDevices } = navigator as { mediaDevices?: MediaDevices };
  return mediaDevices && 'MediaRecorder' in window ? null : m.voice_no_recorder();
}
