// vite-plugin-pwa builds the worker in a hook that runs before Kit's adapter wipes and fills the output
// folder, so its precache list would miss the fallback page and the worker itself would be lost, both with
// exit status 0. This leaves that build step out and takes the two parts of it, the manifest and the
// worker, at the right times.
// Invariant: a build whose precache lacks `mustPrecache` fails.
import { VitePWA, type VitePluginPWAAPI, type VitePWAOptions } from 'vite-plugin-pwa';
import type { Plugin } from 'vite';

type GenerateBundle = VitePluginPWAAPI['generateBundle'];
type PwaOptions = Partial<VitePWAOptions> & { mustPrecache: readonly string[] };

export function pwaAfterAdapter({ mustPrecache, ...options }: PwaOptions): Plugin[] {
  const plugins = VitePWA({
    ...options,
    injectManifest: {
      ...options.injectManifest,
      manifestTransforms: [
        (manifest) => {
          const urls = new Set(manifest.map(({ url }) => url));
          const missing = mustPrecache.filter((url) => !urls.has(url));
          if (missing.length > 0) throw new Error(`not in the precache: ${missing.join(', ')}`);
          return { manifest };
        }
      ]
    }
  });
  const main = plugins.find((plugin) => plugin.name === 'vite-plugin-pwa');
  const api = main?.api as VitePluginPWAAPI | undefined;
  if (!api) throw new Error('vite-plugin-pwa has no main plugin: its parts were renamed');
  // The last two need a hook that Kit has not: icons made while building, and a worker in the dev server.
  const leftOut = ['vite-plugin-pwa:build', 'vite-plugin-pwa:pwa-assets', 'vite-plugin-pwa:dev-sw'];
  const kept = plugins.filter((plugin) => !leftOut.includes(plugin.name));
  if (kept.length !== plugins.length - leftOut.length) {
    throw new Error(`vite-plugin-pwa has no ${leftOut.join(' or no ')}: its parts were renamed`);
  }
  return [
    ...kept,
    {
      name: 'roost:pwa-after-adapter',
      apply: 'build',
      generateBundle(_options, bundle) {
        // The plugin's types speak of Rollup, Vite's of Rolldown; all it does is emit the manifest file.
        const [rollupBundle, rollupContext] = [bundle, this] as unknown as Parameters<GenerateBundle>;
        if (this.environment.name === 'client') api.generateBundle(rollupBundle, rollupContext);
      },
      buildApp: {
        order: 'post',
        async handler() {
          await api.generateSW();
        }
      }
    }
  ];
}
