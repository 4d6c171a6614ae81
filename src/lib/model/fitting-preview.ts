// The preview as it goes into a message. Invariant: it never keeps words from being sent; with very many of them it stays away,
// the picture first.

import { canonicalBytes } from '#protocol/canonical.ts';
import { ENTRY_MAX_BYTES } from '#protocol/limits.ts';
import type { Preview } from '#protocol/preview.ts';

/** What else stands in the entry: ids, a signature, whom it mentions. */
const REST_BYTES = 4_096;

export function fittingPreview(body: string, preview: Preview | null): { readonly preview?: Preview } {
  if (!preview) return {};
  const { picture, ...plain } = preview;
  const fits = (one: Preview): boolean => canonicalBytes({ body, preview: one }) + REST_BYTES <= ENTRY_MAX_BYTES;
  if (fits(preview)) return { preview };
  return picture && fits(plain) ? { preview: plain } : {};
}

/** What is said, with its preview; files stand for themselves. */
export function besideWords(
  payload: Readonly<Record<string, unknown>>,
  preview: Preview | null
): Readonly<Record<string, unknown>> {
  if (payload['attachments'] !== undefined) return payload;
  return { ...payload, ...fittingPreview(String(payload['body']), preview) };
}
