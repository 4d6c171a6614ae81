// What is said of a thread, on its message and over it.

import { m } from '#lib/words/generated/messages.js';

export const repliesWords = (replies: number): string =>
  replies === 0 ? m.thread_replies_none() : m.thread_replies({ n: replies, count: replies.toLocaleString() });
