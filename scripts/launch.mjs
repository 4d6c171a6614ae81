// Where every npm script starts. Plain JavaScript that old Nodes run too: it installs what the lock
// file says, finds a Node that runs TypeScript as it is, builds the app when its sources changed, and
// then becomes the program asked for: same arguments, input, signals and exit status.
// Invariant: nothing here writes to standard output, which belongs to that program.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
process.chdir(root);

const neededNodeMajor = 24;
/** What the interface's texts were made from. */
const wordStamp = 'node_modules/.cache/words-inputs';

/** What `node scripts/launch.mjs <command>` runs, and whether the built app must be there first. */
const commands = {
  start: { build: true, argv: ['sync-server/main.ts'] },
  roost: { build: false, argv: ['sync-server/cli.ts'] },
  dev: { build: false, argv: ['scripts/dev.mjs'] },
  build: { build: true, argv: null },
  check: { build: false, argv: ['scripts/check.mjs'] },
  test: { build: false, argv: ['scripts/test.mjs'] },
  e2e: { build: true, argv: ['scripts/e2e.mjs'] },
  bench: { build: true, argv: ['tests/bench/main.ts'] },
  screenshot: { build: true, argv: ['scripts/screenshot.ts'] },
  icons: { build: false, argv: ['scripts/make-icons.mjs'] },
  emoji: { build: false, argv: ['scripts/make-emoji.mjs'] },
  vitest: { build: false, argv: ['node_modules/vitest/vitest.mjs'] },
  prettier: { build: false, argv: ['node_modules/prettier/bin/prettier.cjs'] }
};

await launch(process.argv[2] ?? 'start', process.argv.slice(3));

async function launch(name, args) {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) fail(`launch.mjs knows no "${name}"; it knows: ${Object.keys(commands).join(', ')}`);

  await whileLocked('install', installed, install);
  const node = suitableNode();
  const env = {
    ...process.env,
    PATH: [path.dirname(node), path.join(root, 'node_modules/.bin'), process.env.PATH].join(path.delimiter)
  };
  if (!fs.existsSync('node_modules/$app/tsconfig.json')) syncKit(node, env);
  await whileLocked('words', worded, () => makeWords(node, env));
  if (command.build) await whileLocked('build', built, () => build(node, env));
  if (command.argv) become(node, [...command.argv, ...args], env);
}

/** True when what npm last wrote into node_modules is what the lock file asks for. */
function installed() {
  const there = readJson('node_modules/.package-lock.json')?.packages;
  const wanted = readJson('package-lock.json')?.packages;
  if (!wanted) fail('package-lock.json is missing or damaged: restore it from the repository.');
  if (!there) return false;
  // Optional packages are per platform; of these only the bundled Node must be there, where it is needed.
  for (const [name, { version, optional, peer }] of Object.entries(wanted)) {
    if (name !== '' && !optional && !peer && there[name]?.version !== version) return false;
  }
  return runsTypeScript(process.version) || !wanted[bundledNode()] || fs.existsSync(`${bundledNode()}/bin/node`);
}

function install() {
  const startedAt = Date.now();
  note('Installing dependencies…');
  // Development and optional packages are wanted whatever NODE_ENV or the user's configuration say: the
  // first build the app, the second bring Node. npm's own engine check would refuse before Node is there.
  const flags = '--include=dev --include=optional --no-engine-strict --no-audit --no-fund --loglevel=error';
  const npm = process.env.npm_execpath?.endsWith('.js') ? [process.execPath, process.env.npm_execpath] : ['npm'];
  const { status, error } = spawnSync(npm[0], [...npm.slice(1), 'ci', ...flags.split(' ')], {
    stdio: ['ignore', 2, 2],
    env: { ...process.env, PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1' }
  });
  if (error) fail(`npm cannot be started: ${error.message}`);
  if (status !== 0) fail('Installing failed: see npm’s message above.');
  note(`Installed in ${seconds(startedAt)}.`);
}

/** The path of a Node new enough, or an end with one line that says what to install. */
function suitableNode() {
  if (runsTypeScript(process.version)) return process.execPath;
  const bundled = path.join(root, bundledNode(), 'bin/node');
  const answer = fs.existsSync(bundled) ? spawnSync(bundled, ['--version'], { encoding: 'utf8' }) : undefined;
  if (answer?.status === 0 && runsTypeScript(answer.stdout)) return bundled;
  return fail(
    `Roost needs Node ${neededNodeMajor} or newer, this is ${process.version}: install it from https://nodejs.org and run this again.`
  );
}

function bundledNode() {
  return `node_modules/node-${process.platform}-${process.arch}`;
}

function runsTypeScript(version) {
  return Number(/^v(\d+)\./.exec(version)?.[1]) >= neededNodeMajor;
}

/** SvelteKit generates the base of tsconfig.json and the types of the routes. */
function syncKit(node, env) {
  runQuietly(node, ['node_modules/@sveltejs/kit/svelte-kit.js', 'sync'], env, 'Preparing SvelteKit’s types failed');
}

/** True when the functions for the interface's texts were made from the texts that are there now. */
function worded() {
  return (
    fs.existsSync('src/lib/words/generated/messages.js') &&
    fs.existsSync(wordStamp) &&
    fs.readFileSync(wordStamp, 'utf8') === digestOf(wordInputs())
  );
}

function makeWords(node, env) {
  const inputs = digestOf(wordInputs());
  runQuietly(node, ['scripts/make-words.ts'], env, 'Making the interface’s texts failed');
  fs.mkdirSync(path.dirname(wordStamp), { recursive: true });
  fs.writeFileSync(wordStamp, inputs);
}

function wordInputs() {
  const texts = filesUnder('src/lib/words').filter((file) => file.endsWith('.json') && !file.includes('/generated/'));
  return [...texts, 'package-lock.json', 'scripts/vite/words.ts'];
}

/** True when build/ was made from exactly the sources that are there now. */
function built() {
  const stamp = 'build/.inputs';
  return (
    fs.existsSync('build/200.html') &&
    fs.existsSync('build/sw.js') &&
    fs.existsSync(stamp) &&
    fs.readFileSync(stamp, 'utf8') === digestOfInputs()
  );
}

function build(node, env) {
  const startedAt = Date.now();
  note('Building the app…');
  const inputs = digestOfInputs();
  const buildEnv = { ...env, NODE_ENV: 'production', ROOST_BUILD_INPUTS: inputs };
  runQuietly(node, ['node_modules/vite/bin/vite.js', 'build'], buildEnv, 'Building the app failed');
  fs.writeFileSync('build/.inputs', inputs);
  note(`Built in ${seconds(startedAt)}.`);
}

function digestOfInputs() {
  const roots = ['package.json', 'package-lock.json', 'vite.config.ts', 'src', 'static', 'scripts/vite'];
  return digestOf(roots.flatMap(filesUnder).filter((file) => !file.startsWith('src/lib/words/generated/')));
}

/** By content, since a checkout or a copy of the folder changes every file's time. */
function digestOf(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file}\0`).update(fs.readFileSync(file)).update('\0');
  return hash.digest('hex');
}

function filesUnder(entry) {
  const stat = fs.statSync(entry, { throwIfNoEntry: false });
  if (!stat) return [];
  if (!stat.isDirectory()) return [entry];
  const names = fs.readdirSync(entry).sort();
  return names.flatMap((name) => filesUnder(`${entry}/${name}`)).filter((file) => !/\.test\.ts$/.test(file));
}

/** Runs `work` unless `done()`; of several launchers at once, one works and the others wait for it. */
async function whileLocked(name, done, work) {
  if (done()) return;
  const lock = path.join(root, `.launch-${name}.lock`);
  for (let waits = 0; !takeLock(lock); waits++) {
    if (waits === 10) note(`Waiting for another start of Roost to finish (delete ${lock} if there is none)…`);
    await new Promise((resume) => setTimeout(resume, 200));
  }
  const release = () => fs.rmSync(lock, { force: true });
  process.once('exit', release);
  if (!done()) work();
  release();
  process.removeListener('exit', release);
}

function takeLock(lock) {
  try {
    fs.writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (cause) {
    if (cause.code !== 'EEXIST') fail(`Cannot write into ${root}: ${cause.code}.`);
  }
  const holder = Number(fs.existsSync(lock) && fs.readFileSync(lock, 'utf8'));
  if (holder && !isAlive(holder)) fs.rmSync(lock, { force: true });
  return false;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return cause.code === 'EPERM';
  }
}

/** Runs the program in this one's place, as far as a parent can. */
function become(node, argv, env) {
  const child = spawn(node, argv, { stdio: 'inherit', env });
  child.on('error', (cause) => fail(`Cannot start ${node}: ${cause.message}`));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    // A terminal sends Ctrl+C to the whole group: passing it on would deliver it twice.
    process.on(signal, () => void ((signal === 'SIGINT' && process.stdin.isTTY) || child.kill(signal)));
  }
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function runQuietly(node, argv, env, failure) {
  const { status, stdout, stderr } = spawnSync(node, argv, { env, encoding: 'utf8', maxBuffer: 64 << 20 });
  if (status !== 0) fail(`${stdout}\n${stderr}\n${failure}: see above.`);
}

function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function seconds(sinceMs) {
  return `${((Date.now() - sinceMs) / 1000).toFixed(1)} s`;
}

function note(line) {
  process.stderr.write(`${line}\n`);
}

function fail(message) {
  note(message);
  process.exit(1);
}
