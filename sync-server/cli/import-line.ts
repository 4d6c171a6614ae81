// One line of an import file, `{id, at, author, body, action?, replyTo?}`, as the entry it becomes.

import * as v from 'valibot';
import type { Entry } from '#protocol/entry.ts';
import { parseEntry } from '#protocol/parse-entry.ts';
import { isImportedAuthor } from '#protocol/ids.ts';

/** Date and time with a zone: without one it would mean something else on each machine. */
const ISO_8601 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})$/;

const lineSchema = v.object({
  id: v.string(),
  at: v.pipe(
    v.string(),
    v.regex(ISO_8601, 'must be an ISO 8601 time with its zone'),
    v.transform((text) => Date.parse(text.replace(',', '.'))),
    v.number('is no time that exists')
  ),
  author: v.pipe(
    v.string(),
    v.check((name) => isImportedAuthor(`~${name}`), 'must be a name of 1 to 80 characters')
  ),
  body: v.string(),
  action: v.optional(v.boolean()),
  replyTo: v.optional(v.nullable(v.string()))
});

export type ReadLine = { readonly ok: true; readonly entry: Entry } | { readonly ok: false; readonly reason: string };

const bad = (reason: string): ReadLine => ({ ok: false, reason });

/** The reason never repeats the line: it may be private, and it may be long. */
export function readImportLine(bytes: Uint8Array): ReadLine {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return bad('is not JSON');
  }
  if (Array.isArray(value)) return bad('is not a JSON object');
  const result = v.safeParse(lineSchema, value);
  if (!result.success) {
    const [issue] = result.issues;
    const field = v.getDotPath(issue);
    if (field === null) return bad('is not a JSON object');
    const reason =
      issue.type === 'string' || issue.type === 'boolean' || issue.type === 'object'
        ? 'is missing or of another type'
        : issue.message;
    return bad(`${field} ${reason}`);
  }
  const { id, at, author, body, action, replyTo } = result.output;
  const parsed = parseEntry({
    id,
    type: 'message',
    author: `~${author}`,
    sentAt: at,
    body,
    ...(action ? { action } : {}),
    ...(typeof replyTo === 'string' ? { replyTo } : {})
  });
  return parsed.ok ? { ok: true, entry: parsed.entry } : bad(parsed.detail);
}
