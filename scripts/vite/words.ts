// How the texts of the interface become functions: src/lib/words/<part>/<language>.json in, src/lib/words/generated out.

import type { CompilerOptions } from '@inlang/paraglide-js';

export const words = {
  project: './src/lib/words/roost.inlang',
  outdir: './src/lib/words/generated',
  // One language so far: nothing is asked for at run time.
  strategy: ['baseLocale'],
  // A module for each text, so that a screen loads its own alone.
  outputStructure: 'message-modules',
  emitTsDeclarations: true,
  emitReadme: false
} satisfies CompilerOptions;
