// What the tests need from the system: three browsers, a display for WebKit, a C compiler for the library
// that drops unsynced writes. On Debian as root these are installed, else one line says which are missing.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const needed = [
  { file: '/usr/bin/chromium', packages: ['chromium'] },
  { file: '/usr/bin/chromium-headless-shell', packages: ['chromium-headless-shell'] },
  { file: '/usr/bin/firefox-esr', packages: ['firefox-esr'] },
  { file: '/usr/bin/xvfb-run', packages: ['xvfb'] },
  { file: '/usr/bin/xauth', packages: ['xauth'] },
  { file: '/usr/bin/WebKitWebDriver', packages: ['webkit2gtk-driver'] },
  { file: '/usr/bin/cc', packages: ['gcc', 'libc6-dev'] }
];

export function installSystemPackages() {
  const missing = missingPackages();
  if (missing.length === 0) return;
  const canInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  if (canInstall) {
    console.log(`Installing ${missing.join(' ')} …`);
    apt(['update', '-qq']);
    apt(['install', '-y', '-qq', '--no-install-recommends', ...missing]);
  }
  const still = missingPackages();
  if (still.length === 0) return;
  console.error(`The tests need these packages, install them first: apt-get install ${still.join(' ')}`);
  process.exit(1);
}

function missingPackages() {
  return needed.filter(({ file }) => !existsSync(file)).flatMap(({ packages }) => packages);
}

function apt(args) {
  spawnSync('apt-get', args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  });
}
