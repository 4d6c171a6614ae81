// Starting and ending the server as people do: what it prints, and one line for each thing that keeps it from
// starting.

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { freePort, RoostProcess } from '../process/roost-process.ts';

const MAIN = path.resolve(import.meta.dirname, '../../sync-server/main.ts');

/** Runs a server that is not expected to start. */
async function fail(env: Record<string, string>, args: string[] = []) {
  // Without a build there would be a line of the log about that, too.
  const quiet = { HOST: 'localhost', ROOST_LOG: 'error' };
  const child = execFile(process.execPath, [MAIN, ...args], { env: { ...process.env, ...quiet, ...env } });
  let stdout = '';
  let stderr = '';
  child.stdout!.on('data', (chunk: string) => (stdout += chunk));
  child.stderr!.on('data', (chunk: string) => (stderr += chunk));
  const [code] = (await once(child, 'close')) as [number];
  return { code, stdout, stderr };
}

async function setupFolder() {
  const folder = await mkdtemp(path.join(tmpdir(), 'roost-start-'));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

const oneLine = (pattern: RegExp) => ({
  code: 1,
  stdout: '',
  stderr: expect.stringMatching(new RegExp(`^(?=[^\\n]*\\n$)${pattern.source}`)) as string
});

test('[HTTP-12] it prints its address and, until there is an account, a set-up link that works', async () => {
  await using roost = await RoostProcess.start();
  expect(roost.output).toContain(`Roost is at http://localhost:${roost.port}\n`);
  const first = roost.setupLink;
  await roost.restart();
  expect(roost.setupLink, 'made anew').not.toBe(first);
  const body = { token: roost.setupLink.split('#')[1], name: 'Ann', password: 'correct horse battery' };
  const options = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  expect((await fetch(`${roost.url}/api/setup`, options)).status).toBe(201);
  await roost.restart();
  expect(roost.output).not.toContain('/setup#');
});

test('[HTTP-12] localhost is both 127.0.0.1 and ::1, and nothing else', async () => {
  await using roost = await RoostProcess.start();
  for (const host of ['127.0.0.1', '[::1]', 'localhost']) {
    expect((await fetch(`http://${host}:${roost.port}/healthz`)).status, host).toBe(200);
  }
});

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('[HTTP-13] %s ends it cleanly', async (signal) => {
  await using roost = await RoostProcess.start();
  expect(await roost.kill(signal)).toEqual({ code: 0, signal: null });
});

test('[HTTP-1] a taken port', async () => {
  await using fixture = await setupFolder();
  const port = await freePort();
  const other = createServer().listen(port, '127.0.0.1');
  await once(other, 'listening');
  const ended = await fail({ PORT: String(port), ROOST_DATA_DIR: fixture.folder });
  expect(ended).toEqual(oneLine(/Port \d+ is taken\. Stop what uses it, or choose another: PORT=\d+ npm start/));
  other.close();
});

test('[HTTP-1] a folder that another Roost has', async () => {
  await using roost = await RoostProcess.start();
  const ended = await fail({ PORT: String(await freePort()), ROOST_DATA_DIR: roost.dataDir });
  expect(ended).toEqual(oneLine(/Another Roost is running on the data folder .*/));
});

test('[HTTP-1] a folder that cannot be written', async () => {
  await using fixture = await setupFolder();
  const folder = path.join(fixture.folder, 'locked');
  await writeFile(folder, 'a file where the folder should be');
  expect(await fail({ ROOST_DATA_DIR: path.join(folder, 'data') })).toEqual(oneLine(/Cannot use the data folder .*/));
});

// Root may write anywhere, so that only a read-only file system stops it: there is one on every Linux.
test('[HTTP-1] a read-only folder', async () => {
  await using fixture = await setupFolder();
  const isRoot = process.getuid?.() === 0;
  if (!isRoot) await chmod(fixture.folder, 0o500);
  const dataDir = isRoot ? '/sys/roost' : path.join(fixture.folder, 'data');
  const ended = await fail({ ROOST_DATA_DIR: dataDir });
  expect(ended).toEqual(oneLine(/Cannot use the data folder .*: (?:permission denied|the file system is read-only)\./));
  await chmod(fixture.folder, 0o700);
});

test.each([
  [{ PORT: '99999' }, [], /PORT must be .*\./],
  [{ ROOST_URL: 'example.org' }, [], /ROOST_URL must be .*\./],
  [
    { ROOST_TLS_CERT: '/gone/cert.pem', ROOST_TLS_KEY: '/gone/key.pem' },
    [],
    /The file \/gone\/cert\.pem of ROOST_TLS_CERT is not there\./
  ],
  [{ HOST: '203.0.113.7' }, [], /HOST is no address of this machine\./],
  [{}, ['--wan'], /There is no option --wan\..*/]
])('[HTTP-1] %j %j', async (env, args, line) => {
  await using fixture = await setupFolder();
  expect(await fail({ PORT: '0', ROOST_DATA_DIR: fixture.folder, ...env }, args)).toEqual(oneLine(line));
});

test('[TLS-7] with --lan it prints where devices go, and the fingerprint', async () => {
  await using roost = await RoostProcess.start({ args: ['--lan'] });
  expect(roost.output).toContain(`Roost is at http://localhost:${roost.port}\n`);
  expect(roost.output).toMatch(/Fingerprint: (?:[0-9A-F]{2}:){31}[0-9A-F]{2}\n/);
  expect(roost.output).toMatch(/http:\/\/\S+:\d+\/trust\n/);
  expect(roost.output, 'a QR code').toContain('█▀▀▀▀▀▀▀█');
});
