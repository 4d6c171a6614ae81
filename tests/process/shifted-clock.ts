// Preloaded into a server process: its wall clock runs ROOST_TEST_CLOCK's number of milliseconds off, read anew each
// time, so that a test can let hours pass. Timers stay as they are.

import { readFileSync } from 'node:fs';

const file = process.env['ROOST_TEST_CLOCK'];
if (file === undefined) throw new Error('ROOST_TEST_CLOCK names no file');

const realNow = Date.now;
Date.now = () => realNow() + Number(readFileSync(file, 'utf8'));
