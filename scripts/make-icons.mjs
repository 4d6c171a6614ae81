// `npm run icons`: renders the mark in static/icon.svg into the PNGs that systems ask for, with Chromium.
// Run it after the mark changed and commit what it writes; the build only copies static/.
import { readFile, writeFile } from 'node:fs/promises';
import { chromium } from '@playwright/test';
import { chromiumLaunch } from './browsers.ts';

const mark = await readFile('static/icon.svg', 'utf8');
const bird = /<g [\s\S]*<\/g>/.exec(mark)[0];
const teal = /fill="(#[0-9a-f]{6})"/.exec(mark)[1];

/** A maskable icon may be cut down to a circle of 80 % of its width: the mark stays inside that. */
const maskable = drawing(`<rect width="512" height="512" fill="${teal}"/>${shrunk(0.9)}`);
/** Systems colour a monochrome icon themselves: only its alpha counts. */
const monochrome = drawing(shrunk(1.1));
/** iOS cuts its own corners and shows transparent ones black. */
const square = drawing(`<rect width="512" height="512" fill="${teal}"/>${shrunk(0.92)}`);

const icons = [
  ['favicon.png', 32, mark],
  ['icon-192.png', 192, mark],
  ['icon-512.png', 512, mark],
  ['icon-maskable-192.png', 192, maskable],
  ['icon-maskable-512.png', 512, maskable],
  ['icon-monochrome-512.png', 512, monochrome],
  ['apple-touch-icon.png', 180, square]
];

const browser = await chromium.launch(chromiumLaunch);
try {
  for (const [name, sizePx, svg] of icons) {
    const page = await browser.newPage({ viewport: { width: sizePx, height: sizePx } });
    await page.setContent(`<style>html,body{margin:0}svg{display:block;width:100vw;height:100vh}</style>${svg}`);
    await writeFile(`static/${name}`, await page.screenshot({ omitBackground: true }));
    await page.close();
    console.log(`static/${name}  ${sizePx} × ${sizePx}`);
  }
} finally {
  await browser.close();
}

function drawing(content) {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512">${content}</svg>`;
}

function shrunk(scale) {
  return `<g transform="translate(256 256) scale(${scale}) translate(-256 -256)">${bird}</g>`;
}
