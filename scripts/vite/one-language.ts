// Texts without the question in which language to say them, while there is one: asking costs each text more than many of
// them say. Invariant: a message is called as before.

import type { Plugin } from 'vite';

const MESSAGE = /\/words\/generated\/messages\/[a-z]\w*\.js$/;
/** What asks, and what is exported: the message that asks, and then says the text of a language. */
const FORM = /^import \{ getLocale.*?;$(.*)^export const (\w+) = .*$/ms;

/** @param locales of the project; where there are more than one, nothing is changed */
export function oneLanguage(locales: readonly string[]): Plugin {
  const [only, ...others] = locales;
  return {
    name: 'roost:one-language',
    apply: () => others.length === 0,
    transform: {
      filter: { id: MESSAGE },
      handler(code) {
        const text = code.replace(
          FORM,
          (_, texts: string, name: string) => `${texts}export { ${only}_${name} as ${name} };`
        );
        if (text === code) throw new Error(`A text was compiled in another form:\n${code}`);
        return { code: text, map: null };
      }
    }
  };
}
