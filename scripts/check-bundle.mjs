// The size budgets of the built app, gzipped: what a first visit to / must load before it can show anything, scripts and
// styles, the styles of all screens together, and the service worker. Prints a table; past a budget, ends with 1.
// `--json FILE` also writes the figures.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

// A third of the worker is the list of the files that it keeps, which grows with what is loaded late; a fifth sends what
// waits, and what one writes in a notification.
const budgets = { 'first-route JS': 100_000, 'first-route CSS': 25_000, 'all CSS': 50_000, worker: 20_000 };
const buildManifest = '.svelte-kit/output/client/.vite/manifest.json';

if (!existsSync('build/200.html') || !existsSync(buildManifest)) end('There is no build: run `npm run build` first.');
const manifest = JSON.parse(readFileSync(buildManifest, 'utf8'));
const all = readdirSync('build', { recursive: true });

const firstRoute = firstRouteFiles();
const files = {
  'first-route JS': firstRoute.scripts,
  'first-route CSS': firstRoute.styles,
  'all CSS': all.filter((file) => file.endsWith('.css')),
  worker: ['sw.js']
};

const sizes = Object.entries(files).map(([name, names]) => {
  const bytes = names.reduce((sum, file) => sum + gzipSync(readFileSync(`build/${file}`), { level: 9 }).length, 0);
  return { name, files: names.length, bytes, budgetBytes: budgets[name], within: bytes <= budgets[name] };
});

for (const { name, files, bytes, budgetBytes, within } of sizes) {
  const kB = (value) => `${(value / 1000).toFixed(1)} kB`.padStart(9);
  console.log(
    `${name.padEnd(15)} ${kB(bytes)} of ${kB(budgetBytes)} gz in ${files} files${within ? '' : '  OVER BUDGET'}`
  );
}
const jsonAt = process.argv.indexOf('--json');
if (jsonAt > 0) writeFileSync(process.argv[jsonAt + 1], JSON.stringify(sizes, null, 2));
if (sizes.some(({ within }) => !within)) process.exitCode = 1;

/** Kit's start and app, then the layouts, error pages and page of /, with all that these import statically. */
function firstRouteFiles() {
  const nodes = nodesOfRoot().map((node) => `/nodes/${node}.js`);
  const page = readFileSync('build/200.html', 'utf8');
  const entries = Object.keys(manifest).filter(
    (key) => nodes.some((node) => key.endsWith(node)) || page.includes(`/${manifest[key].file}`)
  );
  const seen = new Set();
  for (const queue = [...entries]; queue.length > 0;) {
    const key = queue.pop();
    if (seen.has(key)) continue;
    seen.add(key);
    queue.push(...(manifest[key].imports ?? []));
  }
  const boot = /src="\/(_app\/immutable\/entry\/boot\.[^"]+)"/.exec(page)?.[1];
  if (!boot) end('build/200.html names no boot script.');
  const scripts = [...seen].map((key) => manifest[key].file).filter((file) => file.endsWith('.js'));
  const missing = scripts.filter((file) => !existsSync(`build/${file}`));
  if (missing.length > 0) end(`build/ is not of one piece, ${missing[0]} is missing: run \`npm run build\`.`);
  const styles = [...seen].flatMap((key) => manifest[key].css ?? []);
  return { scripts: [...new Set([boot, ...scripts])], styles: [...new Set(styles)] };
}

/** From Kit's route table in the built app entry: `"/":[page, [layouts], [error pages]]`, groups like "/(app)" too. */
function nodesOfRoot() {
  const app = Object.values(manifest).find(({ name }) => name === 'entry/app');
  const source = readFileSync(`build/${app.file}`, 'utf8');
  const row = /["'`]\/(?:\([\w-]+\)\/?)*["'`]:\s*\[(~?\d+(?:,\s*\[[\d,\s]*\])*)\]/.exec(source)?.[1];
  if (!row) end(`${app.file} has no route table with a row for /: has Kit changed its form?`);
  // Kit adds the root layout (0) and the root error page (1) to every route itself.
  return [...new Set([0, 1, ...row.match(/\d+/g).map(Number)])];
}

function end(message) {
  console.error(message);
  process.exit(1);
}
