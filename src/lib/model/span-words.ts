// Lengths of time as people choose them, in the largest unit that they fill.

import { m } from '../words/generated/messages.js';

/** "30 seconds", "5 minutes", "1 hour", "7 days". @param seconds above 0 */
export function spanWords(seconds: number): string {
  if (seconds % 86_400 === 0) return m.span_days({ n: seconds / 86_400 });
  if (seconds % 3_600 === 0) return m.span_hours({ n: seconds / 3_600 });
  return seconds % 60 === 0 ? m.span_minutes({ n: seconds / 60 }) : m.span_seconds({ n: seconds });
}
