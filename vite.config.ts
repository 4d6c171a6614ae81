// How the app is built: Kit with its options (SvelteKit 3 refuses a svelte.config.js), then, in this order,
// what has to happen to the finished folder: no inline script, the service worker, compressed copies.
import { readFileSync } from 'node:fs';
import { paraglideVitePlugin } from '@inlang/paraglide-js';
import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';
import { externalBoot } from './scripts/vite/external-boot.ts';
import { oneLanguage } from './scripts/vite/one-language.ts';
import { precompress } from './scripts/vite/precompress.ts';
import { pwaAfterAdapter } from './scripts/vite/pwa-after-adapter.ts';
import { words } from './scripts/vite/words.ts';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
/** Of all that the build is made from, as scripts/launch.mjs has it. */
const inputs = process.env['ROOST_BUILD_INPUTS'] ?? '';
const { locales } = JSON.parse(readFileSync(`${words.project}/settings.json`, 'utf8')) as { locales: string[] };
const shortcutIcons = [{ src: '/icon-192.png', sizes: '192x192', type: 'image/png' }];
/** As `npm run screenshot` draws them. */
const screenshot = (form: 'wide' | 'narrow', sizes: string, label: string) => ({
  src: `/screenshots/${form}.png`,
  ...{ sizes, label },
  type: 'image/png',
  form_factor: form
});
const outDir = 'build';
const fallbackPage = '200.html';

const syncPort = process.env['ROOST_DEV_SYNC_PORT'] ?? '3001';
const toSyncServer = { target: `http://localhost:${syncPort}`, ws: true };

export default defineConfig({
  // The default cannot split code, which keeps what few browsers need out of the worker.
  worker: { format: 'es' },
  plugins: [
    paraglideVitePlugin(words),
    oneLanguage(locales),
    sveltekit({
      adapter: adapter({ pages: outDir, assets: outDir, fallback: fallbackPage }),
      serviceWorker: { register: false },
      // The default is the time of the build, which would make every build look like an update. Updates are
      // found by the service worker, so Kit needs not poll for them. Where none is in charge, as on plain http, Kit
      // asks when a screen cannot be fetched: of another build it loads the whole page, else it says that it broke.
      version: { name: [version, inputs.slice(0, 12)].filter(Boolean).join('-'), pollInterval: 0 }
    }),
    externalBoot(outDir, fallbackPage),
    pwaAfterAdapter({
      strategies: 'injectManifest',
      srcDir: 'src/service-worker',
      filename: 'sw.ts',
      outDir,
      // Kit sets Vite's base to './': relative to a deep link, a first visit there would register nothing.
      base: '/',
      buildBase: '/',
      scope: '/',
      registerType: 'prompt',
      injectRegister: false,
      manifestFilename: 'manifest.webmanifest',
      injectManifest: {
        rollupFormat: 'iife',
        buildPlugins: { vite: [oneLanguage(locales)] },
        dontCacheBustURLsMatching: /^_app\/immutable\//,
        globPatterns: ['**/*.{js,css,html,svg,png,ico,woff2,json,wasm,mp3,ogg,wav,webp}'],
        // version.json is Kit's update probe: cached, it would never show anything new. The screenshots are for systems that
        // offer the app.
        globIgnores: ['sw.js', '_app/version.json', 'screenshots/**'],
        maximumFileSizeToCacheInBytes: 4 * 1024 * 1024
      },
      mustPrecache: [fallbackPage, 'icon-192.png'],
      includeManifestIcons: false,
      // Colours are --sunken and --page of the light theme; dark ones come from the metas in app.html.
      manifest: {
        id: '/',
        name: 'Roost',
        short_name: 'Roost',
        description: 'Self-hosted chat that works offline',
        lang: 'en',
        dir: 'ltr',
        start_url: '/',
        scope: '/',
        display: 'standalone',
        launch_handler: { client_mode: ['navigate-existing', 'auto'] },
        // Names of rooms would stay in the system's menus when they are forgotten here.
        shortcuts: [
          {
            name: 'Unread',
            description: 'The next room with something unread',
            url: '/?to=unread',
            icons: shortcutIcons
          },
          { name: 'Last room', description: 'Where you were last', url: '/?to=last', icons: shortcutIcons },
          { name: 'New message', url: '/new/message', icons: shortcutIcons }
        ],
        share_target: {
          action: '/share',
          method: 'POST',
          enctype: 'multipart/form-data',
          params: { title: 'title', text: 'text', url: 'url', files: [{ name: 'files', accept: ['*/*'] }] }
        },
        screenshots: [
          screenshot('wide', '1440x900', 'A room on a computer'),
          screenshot('narrow', '720x1560', 'A room on a phone')
        ],
        theme_color: '#f4f7f8',
        background_color: '#fcfefe',
        categories: ['social', 'productivity'],
        icons: [
          { src: '/icon-192.png', sizes: '192x192', type: 'image/png', purpose: 'any' },
          { src: '/icon-512.png', sizes: '512x512', type: 'image/png', purpose: 'any' },
          { src: '/icon-maskable-192.png', sizes: '192x192', type: 'image/png', purpose: 'maskable' },
          { src: '/icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
          { src: '/icon-monochrome-512.png', sizes: '512x512', type: 'image/png', purpose: 'monochrome' },
          { src: '/icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' }
        ]
      }
    }),
    precompress(outDir)
  ],
  // A font small enough to be inlined would be a data: address, which the server's policy forbids.
  build: { assetsInlineLimit: 0 },
  server: {
    proxy: { '/api': toSyncServer, '/sync': toSyncServer, '/files': toSyncServer, '/healthz': toSyncServer }
  }
});
