// Makes src/lib/words/generated out of the texts, for types, lint and tests; the build does it by itself.
import { compile } from '@inlang/paraglide-js';
import { words } from './vite/words.ts';

await compile(words);
