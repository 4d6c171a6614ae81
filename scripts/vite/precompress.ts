// Writes a .br and a .gz beside every built text file, once the other steps are done with them, so that the
// server sends small files without compressing at run time.
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Plugin } from 'vite';

const compressible = /\.(?:css|html|js|json|svg|txt|webmanifest)$/;
const minBytes = 1024;

export function precompress(outDir: string): Plugin {
  return {
    name: 'roost:precompress',
    apply: 'build',
    buildApp: {
      order: 'post',
      async handler() {
        const names = await readdir(outDir, { recursive: true });
        await Promise.all(names.filter((name) => compressible.test(name)).map((name) => compress(join(outDir, name))));
      }
    }
  };
}

async function compress(file: string): Promise<void> {
  const bytes = await readFile(file);
  if (bytes.length < minBytes) return;
  const br = await promisify(brotliCompress)(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY }
  });
  const gz = await promisify(gzip)(bytes, { level: constants.Z_BEST_COMPRESSION });
  await Promise.all([writeFile(`${file}.br`, br), writeFile(`${file}.gz`, gz)]);
}
