// Which files differ from the last commit, new ones included. What decides about all files, as the rules of lint and format
// do, makes it all of them.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const DECIDES_ABOUT_ALL =
  /^(?:package(?:-lock)?\.json|eslint\.config\.js|\.prettier(?:rc\.json|ignore)|tsconfig\.json)$/;

/** @returns {string[] | null} paths from the top of the project; null: all there are, also where there is no git */
export function uncommittedFiles() {
  const git = (...args) => execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const changed = git('diff', '--name-only', '-z', '--relative', 'HEAD');
    const added = git('ls-files', '--others', '--exclude-standard', '-z');
    const files = `${changed}${added}`.split('\0').filter((file) => file !== '');
    if (files.some((file) => DECIDES_ABOUT_ALL.test(file))) return null;
    return files.filter((file) => existsSync(file));
  } catch {
    return null;
  }
}
