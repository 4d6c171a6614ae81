// Lint: what the compiler cannot see, above all floating promises and which module may import which. All may import the
// protocol, client and server never each other, and nothing imports the interface. ROOST_LINT=quick leaves out the rules
// that need types, which are most of its time: `npm run check` lints so, `npm test` with all.
import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

const tests = ['**/*.test.ts', '**/*.spec.ts', 'tests/**'];
const typed = ['**/*.ts', '**/*.svelte'];
/** Where something is drawn, or held for it: elsewhere the rules of Svelte would only take time. */
const interfaceCode = ['src/**/*.svelte', 'src/**/*.svelte.ts'];
const quick = process.env['ROOST_LINT'] === 'quick';

/** Packages that only one side may load. */
const serverPackages =
  /^(?:node:.*|fastify|@fastify\/.*|leveldown|ws|@node-rs\/.*|@peculiar\/.*|reflect-metadata|fs|path|os|http|https|net|crypto|child_process|stream|zlib)$/;
const clientPackages =
  /^(?:svelte(?:\/.*)?|\$app\/.*|@sveltejs\/.*|idb|y-websocket|y-indexeddb|workbox-.*|virtua(?:\/.*)?|@lucide\/.*)$/;
const dataPackages = /^(?:idb|yjs|y-websocket|y-indexeddb|y-protocols(?:\/.*)?|lib0(?:\/.*)?)$/;

const forbid = {
  server: { regex: '(?:^|/)sync-server/', message: 'The app knows the server by its protocol only (#protocol/…).' },
  serverPackages: { regex: serverPackages.source, message: 'This runs in a browser.' },
  clientPackages: { regex: clientPackages.source, message: 'This runs on the server.' },
  client: {
    regex: '^#lib/|(?:^|/)src/(?!lib/protocol/)',
    message: 'The server shares #protocol/… with the client and nothing else.'
  },
  ui: { regex: '^#lib/ui/|(?:^|/)ui/|\\.svelte$', message: 'Nothing below the interface may import it.' },
  data: { regex: dataPackages.source, message: 'Views get view-models: documents and databases stay below.' },
  outsideProtocol: {
    regex: '^(?!\\./|#protocol/|valibot$|marked$|lib0/|@noble/hashes/)',
    message: 'The protocol imports itself, valibot, marked, lib0 and noble hashes: no DOM, no Node, no Yjs.'
  }
};

/** @param {string[]} files @param {{ regex: string, message: string }[]} patterns @param {string[]} [ignores] */
function boundary(files, patterns, ignores = tests) {
  return { files, ignores, rules: { 'no-restricted-imports': ['error', { patterns }] } };
}

export default ts.config(
  {
    ignores: [
      'build/',
      'data/',
      '.svelte-kit/',
      'src/lib/words/generated/',
      'node_modules/',
      'test-results/',
      'static/'
    ]
  },
  js.configs.recommended,
  {
    files: typed,
    extends: [ts.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.svelte']
      }
    },
    rules: {
      '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' }
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // An async function without await is how an interface's promise is kept by a synchronous one.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-explicit-any': 'error',
      // TypeScript knows undefined names better, the type-only ones included.
      'no-undef': 'off',
      eqeqeq: ['error', 'always'],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportAllDeclaration', message: 'No barrels: import from the file that has it.' },
        { selector: 'ExportDefaultDeclaration', message: 'No default exports: names are found by searching.' }
      ]
    }
  },
  ...svelte.configs.recommended.map((config) => ({ ...config, files: config.files ?? interfaceCode })),
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      globals: globals.browser,
      parserOptions: {
        parser: ts.parser,
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.svelte']
      }
    },
    rules: {
      'prefer-const': 'off',
      'svelte/prefer-const': ['error', { excludedRunes: ['$props', '$derived', '$bindable'] }]
    }
  },
  // Its collections are lookups, or stand in $state.raw and are replaced as a whole, so that a view sees them change once. One
  // that is changed piece by piece and shown is a SvelteMap or SvelteSet.
  { files: ['src/lib/model/**'], rules: { 'svelte/prefer-svelte-reactivity': 'off' } },
  // The app is always served from the root of its origin.
  { rules: { 'svelte/no-navigation-without-resolve': 'off' } },
  ...svelte.configs.prettier,
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: { globals: globals.node }
  },
  // A comment that switches off a rule that needs types has nothing to do in a quick run.
  quick
    ? { files: typed, ...ts.configs.disableTypeChecked, linterOptions: { reportUnusedDisableDirectives: 'off' } }
    : {},
  // It compiles each component once more.
  quick ? { files: interfaceCode, rules: { 'svelte/no-unused-svelte-ignore': 'off' } } : {},
  // Frameworks load these by their default export.
  { files: ['**/*.config.ts', '*.config.js'], rules: { 'no-restricted-syntax': 'off' } },

  boundary(['src/**'], [forbid.server, forbid.serverPackages]),
  boundary(['src/lib/**'], [forbid.server, forbid.serverPackages, forbid.ui], [...tests, 'src/lib/ui/**']),
  boundary(['src/lib/ui/**', 'src/**/*.svelte'], [forbid.server, forbid.serverPackages, forbid.data]),
  boundary(['src/lib/protocol/**'], [forbid.outsideProtocol]),
  boundary(['sync-server/**'], [forbid.client, forbid.clientPackages]),
  // Tests beside the code may use Node and test tools, but not the other side.
  boundary(['src/**/*.test.ts'], [forbid.server], []),
  boundary(['sync-server/**/*.test.ts'], [forbid.client], []),
  {
    files: ['src/lib/protocol/**'],
    ignores: tests,
    rules: {
      'no-restricted-globals': [
        'error',
        ...['window', 'document', 'self', 'navigator', 'location', 'localStorage', 'indexedDB', 'WebSocket', 'fetch'],
        ...['process', 'Buffer', 'global', 'require', '__dirname', 'setImmediate']
      ]
    }
  }
);
