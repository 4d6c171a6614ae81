// Whether a message is one to three emoji and nothing else: such a message is drawn large and without bubble.

// \p{RGI_Emoji} would say it best, but needs the `v` flag, which older phones refuse at parse time.
const pictograph = /^(?:\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|[0-9#*]\uFE0F?\u20E3)/u;
/** Pictographs that are text unless a selector says otherwise: ©, ®, ™, digits. */
const textual = /^[\u00A9\u00AE\u2122]$/u;

export function isEmojiOnly(body: string): boolean {
  const text = body.trim();
  // Three of the longest sequences; spares long messages the segmenter.
  if (text === '' || text.length > 90) return false;
  const graphemes = [...new Intl.Segmenter().segment(text)].map((part) => part.segment);
  const signs = graphemes.filter((grapheme) => grapheme.trim() !== '');
  return signs.length <= 3 && signs.every((sign) => pictograph.test(sign) && !textual.test(sign));
}
