// What a page says of itself, for whoever links to it.

/** POST /api/previews { url } asks for it. What the page says of itself, cut to what a preview may say (preview.ts). */
export interface PageSummary {
  readonly title: string;
  readonly description?: string;
  readonly site?: string;
  /** As the page has it, in base64: whoever sends it makes it small. */
  readonly picture?: { readonly type: string; readonly data: string };
}
/**
 * `page`: null where there is nothing to show, for whatever reason: what cannot be reached, is no page, or lies where this
 * server does not go is answered alike. `previews-off`: the host wants none.
 */
export interface PreviewAnswer {
  readonly page: PageSummary | null;
}
