// Whether a value is plain JSON that reads the same everywhere: Yjs carries much that is not.

import { ENTRY_MAX_DEPTH } from './limits.ts';

/** Lone surrogates do not survive UTF-8, so they would differ between replicas. */
export function isWellFormed(value: string): boolean {
  return !/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(value);
}

/** What makes a value not plain JSON, or null. Yjs carries undefined, bigint, bytes, NaN and -0 too. */
export function plainJsonFlaw(value: unknown, depth = 0): string | null {
  if (value === null || typeof value === 'boolean') return null;
  if (typeof value === 'string') return isWellFormed(value) ? null : 'not well-formed Unicode';
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0) ? null : 'not a JSON number';
  if (typeof value !== 'object') return `${typeof value} is not JSON`;
  if (depth >= ENTRY_MAX_DEPTH) return 'nested too deep';
  const isArray = Array.isArray(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!isArray && prototype !== Object.prototype) return 'not a plain object';
  for (const key of Object.keys(value)) {
    if (key === '__proto__' || key === 'constructor' || key === 'prototype') return `the key ${key}`;
    if (!isArray && !isWellFormed(key)) return 'not well-formed Unicode';
    const flaw = plainJsonFlaw((value as Record<string, unknown>)[key], depth + 1);
    if (flaw) return flaw;
  }
  return null;
}
