// `npm run emoji`: makes src/lib/emoji/emoji-en.json out of one version of emojibase-data, fetched for the moment: as a
// dependency it would bring 30 languages in five forms. Run it for a newer version and commit what it writes.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const VERSION = '17.0.0';
/** Of Unicode's emoji. Newer ones are empty boxes on systems of three years ago. */
const NEWEST = 15.1;
/** Skin and hair alone are no emoji that anybody picks. */
const COMPONENTS = 2;
const GROUPS = [
  [0, 'Smileys'],
  [1, 'People'],
  [3, 'Nature'],
  [4, 'Food'],
  [5, 'Travel'],
  [6, 'Activities'],
  [7, 'Objects'],
  [8, 'Symbols'],
  [9, 'Flags']
];

const folder = mkdtempSync(path.join(tmpdir(), 'roost-emoji-'));
try {
  run('npm', ['pack', `emojibase-data@${VERSION}`, '--silent']);
  run('tar', ['xzf', `emojibase-data-${VERSION}.tgz`]);
  const read = (file) => readFileSync(path.join(folder, 'package', file), 'utf8');
  const github = JSON.parse(read('en/shortcodes/github.json'));
  const emojibase = JSON.parse(read('en/shortcodes/emojibase.json'));
  const all = JSON.parse(read('en/data.json'))
    .filter(({ group, version }) => group !== undefined && group !== COMPONENTS && version <= NEWEST)
    .sort((a, b) => a.order - b.order);
  const groups = GROUPS.map(([group, name]) => ({
    name,
    // Sign, name, shortcodes, words it is found by.
    emoji: all.filter((one) => one.group === group).map((one) => [sign(one), one.label, codes(one), words(one)])
  }));
  const lines = groups.map(({ name, emoji }) => {
    const rows = emoji.map((row) => `    ${JSON.stringify(row)}`).join(',\n');
    return `  { "name": ${JSON.stringify(name)}, "emoji": [\n${rows}\n  ] }`;
  });
  writeFileSync('src/lib/emoji/emoji-en.json', `[\n${lines.join(',\n')}\n]\n`);
  writeFileSync('src/lib/emoji/LICENSE', `emoji-en.json is made from emojibase-data ${VERSION}.\n\n${read('LICENSE')}`);
  console.log(`${groups.reduce((sum, { emoji }) => sum + emoji.length, 0)} emoji`);

  /** The one form that Unicode calls fully qualified: a selector only after what would be text without it. */
  function sign({ emoji }) {
    return emoji.replace(/(\p{Emoji_Presentation})\uFE0F/gu, '$1');
  }
  /** What people type elsewhere comes first. */
  function codes({ hexcode }) {
    const known = [github[hexcode] ?? [], emojibase[hexcode] ?? []].flat();
    return [...new Set(known)].slice(0, 4).join(' ');
  }
  function words({ label, tags = [] }) {
    const inLabel = new Set(label.toLowerCase().split(/[^\p{L}\p{N}]+/u));
    return [...new Set(tags.flatMap((tag) => tag.toLowerCase().split(/\s+/)))]
      .filter((tag) => !inLabel.has(tag))
      .join(' ');
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run(command, args) {
  const { status, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
}
