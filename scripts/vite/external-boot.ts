// Moves Kit's inline start script out of the fallback page into a file of its own, so that the server can
// send `script-src 'self'` and no hash. (Kit's own way, hashes in a meta tag, would need the same hashes
// copied into the server's header after every build: a browser enforces both policies.) The script finds
// its place through `document.currentScript`, which a plain, parser-blocking script file has as well.
// Invariant: the page that is written has no inline script, or the build fails.
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Plugin } from 'vite';

const inlineScript = /<script(?![^>]*\bsrc=)[^>]*>([\s\S]*?)<\/script>/g;

export function externalBoot(outDir: string, page: string): Plugin {
  return {
    name: 'roost:external-boot',
    apply: 'build',
    buildApp: {
      order: 'post',
      async handler() {
        const html = await readFile(join(outDir, page), 'utf8');
        const scripts = [...html.matchAll(inlineScript)];
        const [script] = scripts;
        if (!script || scripts.length !== 1) {
          throw new Error(`${page}: expected one inline script to move out, found ${scripts.length}`);
        }
        const source = unindented(script[1] ?? '');
        const hash = createHash('sha256').update(source).digest('base64url').slice(0, 8);
        const url = `_app/immutable/entry/boot.${hash}.js`;
        await mkdir(dirname(join(outDir, url)), { recursive: true });
        await writeFile(join(outDir, url), source);
        await writeFile(join(outDir, page), html.replace(inlineScript, `<script src="/${url}"></script>`));
      }
    }
  };
}

function unindented(source: string): string {
  return `${source.trim().replace(/^\t+/gm, '')}\n`;
}
