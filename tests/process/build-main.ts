// Roost as `npm start` runs it, but with a build of the test's choosing in ROOST_TEST_BUILD_DIR: an update is then a
// change in a folder that the test owns.

import path from 'node:path';
import { readConfig } from '../../sync-server/config.ts';
import { startServer } from '../../sync-server/server.ts';

const root = path.resolve(import.meta.dirname, '../..');
const buildDir = process.env['ROOST_TEST_BUILD_DIR'];
if (buildDir === undefined) throw new Error('ROOST_TEST_BUILD_DIR says which build to serve');
const config = readConfig({ args: process.argv.slice(2), env: process.env, root });
const server = await startServer({ ...config, logLevel: 'warn', buildDir }, { version: 'test', logTo: process.stderr });
process.stdout.write(`Roost is at ${server.url}\nThe set-up link: ${server.setupLink}\n`);
process.on('SIGTERM', () => void server.close().then(() => process.exit(0)));
