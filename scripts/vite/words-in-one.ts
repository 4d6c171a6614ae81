// The texts of the interface as one module, for tests: each file of them loads anew what it needs, and a thousand modules
// take seconds.

import { globSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Plugin } from 'vitest/config';

const TEXTS = /\/words\/generated\/messages\.js$/;
const IMPORTS = `import * as registry from './registry.js';\nimport { getLocale, experimentalStaticLocale } from './runtime.js';`;

export function wordsInOne(): Plugin {
  return {
    name: 'roost:words-in-one',
    load: {
      filter: { id: TEXTS },
      handler(id) {
        const files = globSync(`${dirname(id)}/messages/[a-z]*.js`);
        const texts = files.map((file) => readFileSync(file, 'utf8').replaceAll(/^import .*/gm, ''));
        const names = texts.flatMap((text) => /^export const (\w+)/m.exec(text)?.[1] ?? []);
        const code = texts.map((text) => text.replace(/^export /m, '')).join('\n');
        return `${IMPORTS}\n${code}\nexport const m = { ${names.join(', ')} };`;
      }
    },
    // What it is made of is in other files, which Vitest's cache does not look at.
    configureVitest({ defineCacheKeyGenerator }) {
      defineCacheKeyGenerator(({ id }) => (TEXTS.test(id) ? false : undefined));
    }
  };
}
