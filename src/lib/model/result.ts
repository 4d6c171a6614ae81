// How it went with what a person did.

/** Failure carries words for the person: what happened and what to do. */
export type Result<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly code: string; readonly message: string };
