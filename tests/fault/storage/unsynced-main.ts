// The server as it would be if it did not sync: the control of the power-loss test, and nothing else.

import path from 'node:path';
import { readConfig } from '../../../sync-server/config.ts';
import { startServer } from '../../../sync-server/server.ts';
import { Store } from '../../../sync-server/store/store.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const config = readConfig({ args: process.argv.slice(2), env: process.env, root });
const store = await Store.open({ dataDir: config.dataDir, sync: false });
const server = await startServer(config, { version: '0.0.0', logTo: process.stderr, store });
process.stdout.write(`Roost is at ${server.url}\n`);
