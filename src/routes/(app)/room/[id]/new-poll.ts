// A poll that is being written: what is still missing, and the command that begins one.

import { POLL_MIN_OPTIONS, POLL_OPTION_MAX_CHARS, POLL_QUESTION_MAX_CHARS } from '#protocol/limits.ts';
import { m } from '#lib/words/generated/messages.js';

/** As the contract has it: neither space nor control nor format. */
const isBlank = (text: string): boolean => !/[^\p{Cc}\p{Cf}\p{Z}]/u.test(text);

/** The options that were filled in. */
export const filled = (options: readonly string[]): string[] =>
  options.filter((option) => !isBlank(option)).map((option) => option.trim());

/** What is to be done before it can be sent, in words; null: nothing. */
export function newPollFlaw(poll: { readonly question: string; readonly options: readonly string[] }): string | null {
  const options = filled(poll.options);
  if (isBlank(poll.question)) return m.poll_flaw_question();
  if (poll.question.trim().length > POLL_QUESTION_MAX_CHARS)
    return m.poll_flaw_question_long({ n: POLL_QUESTION_MAX_CHARS });
  if (options.length < POLL_MIN_OPTIONS) return m.poll_flaw_options();
  if (options.some((option) => option.length > POLL_OPTION_MAX_CHARS))
    return m.poll_flaw_option_long({ n: POLL_OPTION_MAX_CHARS });
  return new Set(options).size < options.length ? m.poll_flaw_twice() : null;
}

/** "/poll", with the question where it was written right away; null: something else was typed. */
export function pollCommand(text: string): { readonly question: string } | null {
  const typed = /^\/poll(?:\s+([^]*))?$/.exec(text.trim());
  return typed && { question: typed[1] ?? '' };
}
