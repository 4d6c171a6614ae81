// Where the socket of a data folder is. A socket's path has little room (sun_path: 107 bytes on Linux, 103 on
// macOS), so a deep folder is named from the working directory.

import path from 'node:path';

const PATH_MAX_BYTES = 103;

/** null: neither form fits. */
export function socketPath(dataDir: string, cwd: string): string | null {
  const absolute = path.join(dataDir, 'admin.sock');
  const forms = [absolute, path.relative(cwd, absolute)];
  return forms.find((form) => Buffer.byteLength(form) <= PATH_MAX_BYTES) ?? null;
}
