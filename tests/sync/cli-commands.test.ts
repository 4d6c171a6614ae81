// The command line as people run it: a process, with the server running and without.

import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { AuditLine } from '#protocol/api/admin.ts';
import type { RoomInfo } from '#protocol/api/room.ts';
import type { SealedPage } from '#protocol/api/sealed-page.ts';
import type { Me } from '#protocol/api/session.ts';
import { RoostProcess } from '../process/roost-process.ts';

const PASSWORD = 'correct horse battery\n';

async function setupFolder(running: boolean) {
  const roost = running ? await RoostProcess.start() : await RoostProcess.prepare();
  const files = await mkdtemp(path.join(tmpdir(), 'roost-files-'));
  const run = (args: string, stdin = '') => roost.roost(args.split(' '), stdin);
  const file = async (name: string, content: string | Buffer): Promise<string> => {
    await writeFile(path.join(files, name), content);
    return path.join(files, name);
  };
  const get = async <Body>(address: string, token: string): Promise<Body> => {
    const answer = await fetch(`${roost.url}${address}`, { headers: { authorization: `Bearer ${token}` } });
    expect(answer.status).toBe(200);
    return (await answer.json()) as Body;
  };
  return {
    roost,
    run,
    file,
    get,
    /** Starts the server where it did not run, to look at what the commands have done. */
    serve: async () => (running ? undefined : roost.start()),
    async [Symbol.asyncDispose]() {
      await roost.dispose();
      await rm(files, { recursive: true });
    }
  };
}

const lines = (count: number, from = 0): string =>
  Array.from({ length: count }, (_, i) =>
    JSON.stringify({
      id: `2004-12-25-${from + i}`,
      at: new Date(Date.UTC(2004, 11, 25) + (from + i) * 1_000).toISOString(),
      author: `nick${i % 7}`,
      body: `message ${from + i}`,
      ...(i > 0 && i % 3 === 0 ? { replyTo: `2004-12-25-${from + i - 1}` } : {})
    })
  ).join('\n');

describe.each([
  ['with the server running', true],
  ['without a server', false]
])('[CLI-1] %s', (_name, running) => {
  test('accounts, tokens and rooms are made, and are there for the server', async () => {
    await using fixture = await setupFolder(running);
    const { run, get } = fixture;
    expect(await run('user add ann --admin', PASSWORD)).toMatchObject({ code: 0, stdout: '' });
    expect(await run('user add bo', PASSWORD)).toMatchObject({ code: 0 });
    const token = await run('token bo');
    expect(token).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^[\w-]{43}\n$/) as string });
    const open = await run('room add Harbour');
    const closed = await run('room add Crew --private --owner bo');
    expect(open).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^[\w-]{22}\n$/) as string });
    await fixture.serve();
    const bo = token.stdout.trim();
    expect(await get<Me>('/api/me', bo)).toMatchObject({ name: 'bo', admin: false });
    const joined = await get<RoomInfo[]>('/api/rooms', bo);
    expect(joined).toMatchObject([{ id: closed.stdout.trim(), name: 'Crew', kind: 'private', role: 'owner' }]);
    const listed = await get<RoomInfo[]>('/api/rooms?scope=public', bo);
    expect(listed).toMatchObject([{ id: open.stdout.trim(), name: 'Harbour', kind: 'public', role: null }]);
  });

  test('[ADM-12] each act is in the log of administration, without a secret', async () => {
    await using fixture = await setupFolder(running);
    const { run, get, file } = fixture;
    await run('user add ann --admin', PASSWORD);
    await run('user password ann', 'another horse battery\n');
    const token = (await run('token ann')).stdout.trim();
    await run('room add Harbour');
    const history = await file('history.jsonl', lines(5));
    await run(`import ${history} --room Harbour`);
    await fixture.serve();
    const log = await get<AuditLine[]>('/api/admin/audit', token);
    expect(log.map(({ by, act, detail }) => [by, act, detail])).toEqual([
      ['command-line', 'room.import', 'Harbour'],
      ['command-line', 'room.add', 'Harbour'],
      ['command-line', 'user.token', 'ann'],
      ['command-line', 'user.password', 'ann'],
      ['command-line', 'user.add', 'ann']
    ]);
    for (const secret of [token, 'horse']) expect(JSON.stringify(log)).not.toContain(secret);
  });

  test('another password works, and the earlier one no more', async () => {
    await using fixture = await setupFolder(running);
    const { run, roost } = fixture;
    await run('user add ann', PASSWORD);
    expect(await run('user password ANN', 'another horse battery\r\n')).toMatchObject({ code: 0, stdout: '' });
    await fixture.serve();
    const signIn = async (password: string) => {
      const body = JSON.stringify({ name: 'ann', password });
      const headers = { 'content-type': 'application/json' };
      return (await fetch(`${roost.url}/api/session`, { method: 'POST', headers, body })).status;
    };
    expect(await signIn('another horse battery')).toBe(200);
    expect(await signIn(PASSWORD.trim())).toBe(401);
  });

  test('[CLI-2] a file is imported whole, a second run adds nothing, a longer file adds what is new', async () => {
    await using fixture = await setupFolder(running);
    const { run, file, get } = fixture;
    await run('user add ann', PASSWORD);
    const room = (await run('room add Logs')).stdout.trim();
    const token = (await run('token ann')).stdout.trim();
    const first = await file('log.jsonl', lines(2_500));
    expect(await run(`import ${first} --room Logs`)).toEqual({
      code: 0,
      stderr: '',
      stdout: '2500 imported, 0 already there, 0 skipped\n'
    });
    expect((await run(`import ${first} --room ${room}`)).stdout).toBe('0 imported, 2500 already there, 0 skipped\n');
    const longer = await file('log.jsonl.gz', gzipSync(`${lines(3_000)}\n`));
    expect((await run(`import ${longer} --room Logs`)).stdout).toBe('500 imported, 2500 already there, 0 skipped\n');
    await fixture.serve();
    expect(await get<RoomInfo>(`/api/rooms/${room}`, token)).toMatchObject({ n: 0, unread: 0 });
    const page = await get<SealedPage>(`/api/rooms/${room}/pages/0`, token);
    const imported = page.entries.filter(({ entry }) => entry.type === 'message');
    expect(imported.slice(0, 4).map(({ entry }) => entry)).toEqual(
      [0, 1, 2, 3].map((i) => ({
        id: `2004-12-25-${i}`,
        type: 'message',
        author: `~nick${i}`,
        sentAt: Date.UTC(2004, 11, 25) + i * 1_000,
        body: `message ${i}`,
        ...(i === 3 ? { replyTo: '2004-12-25-2' } : {})
      }))
    );
    expect(
      imported.every(({ entry, at }) => at === entry.sentAt),
      'never late'
    ).toBe(true);
  });

  test('[CLI-3] bad lines are named by number and passed over, and the exit status says so', async () => {
    await using fixture = await setupFolder(running);
    const { run, file } = fixture;
    await run('user add ann', PASSWORD);
    await run('room add Logs');
    const content = [...lines(2).split('\n'), 'private words, no JSON', '', '{"id":"x"}', ...lines(1, 2).split('\n')];
    const { code, stdout, stderr } = await run(`import ${await file('log.jsonl', content.join('\n'))} --room Logs`);
    expect(code).toBe(1);
    expect(stdout).toBe('3 imported, 0 already there, 2 skipped\n');
    expect(stderr).toMatch(/^line 3: is not JSON; skipped\nline 5: .*; skipped\n$/);
  });

  test('what fails is one line, with status 1', async () => {
    await using fixture = await setupFolder(running);
    const { run } = fixture;
    await run('user add ann', PASSWORD);
    await run('room add Logs');
    const failures: readonly (readonly [args: string, stdin: string, message: RegExp])[] = [
      ['user add ANN', PASSWORD, /^The name ANN is taken\.$/],
      ['user add bo', 'short\n', /^A password needs at least 8 characters\.$/],
      ['user add bo', '', /^The password is to come on standard input\.$/],
      ['user password nobody', PASSWORD, /^There is no account named nobody\.$/],
      ['token nobody', '', /^There is no account named nobody\.$/],
      ['room add Deck --owner nobody', '', /^There is no account named nobody\.$/],
      ['import /nowhere/log.jsonl --room Logs', '', /^\/nowhere\/log\.jsonl is not there\.$/],
      ['import /tmp --room Logs', '', /folder|directory/],
      ['import /nowhere/log.jsonl --room Nowhere', '', /^There is no room named Nowhere\./]
    ];
    for (const [args, stdin, message] of failures) {
      const { code, stdout, stderr } = await run(args, stdin);
      expect({ code, stdout }, args).toEqual({ code: 1, stdout: '' });
      expect(stderr, args).toMatch(/^roost: [^\n]+\n$/);
      expect(stderr.slice('roost: '.length).trim()).toMatch(message);
    }
  });
});

test('[CLI-1] the first account is an administrator, and ends the set-up link', async () => {
  await using fixture = await setupFolder(true);
  const { roost, run, get } = fixture;
  expect(roost.setupLink).toContain('/setup#');
  expect((await run('user add ann', PASSWORD)).stderr).toContain('an administrator');
  expect(await (await fetch(`${roost.url}/api/server`)).json()).toMatchObject({ needsSetup: false });
  expect(await get<Me>('/api/me', (await run('token ann')).stdout.trim())).toMatchObject({ admin: true });
});

test('[CLI-5] the host makes rooms for anybody, also where only administrators may', async () => {
  await using fixture = await setupFolder(true);
  const { roost, run } = fixture;
  await run('user add ann --admin', PASSWORD);
  await run('user add bo', PASSWORD);
  const authorization = `Bearer ${(await run('token ann')).stdout.trim()}`;
  const headers = { authorization, 'content-type': 'application/json' };
  const body = JSON.stringify({ roomCreation: 'administrators' });
  expect((await fetch(`${roost.url}/api/admin/settings`, { method: 'PATCH', headers, body })).status).toBe(200);
  expect(await run('room add Crew --private --owner bo')).toMatchObject({ code: 0, stderr: '' });
  await roost.kill('SIGTERM');
  expect(await run('room add Deck --owner bo')).toMatchObject({ code: 0, stderr: '' });
});

test('a room needs an owner, and two of one name are told apart by id', async () => {
  await using fixture = await setupFolder(false);
  const { run, file } = fixture;
  expect((await run('room add Deck')).stderr).toMatch(/^roost: A room needs an owner: add an account first/);
  await run('user add ann', PASSWORD);
  const ids = [(await run('room add Deck')).stdout.trim(), (await run('room add Deck')).stdout.trim()];
  const log = await file('log.jsonl', lines(1));
  const ambiguous = await run(`import ${log} --room Deck`);
  expect(ambiguous.code).toBe(1);
  for (const id of ids) expect(ambiguous.stderr).toContain(id);
  expect((await run(`import ${log} --room ${ids[1]!}`)).stdout).toContain('1 imported');
});

test('what is not understood is one line and status 2', async () => {
  await using fixture = await setupFolder(false);
  for (const args of ['fly', 'user add', 'import x', 'token a b']) {
    const { code, stdout, stderr } = await fixture.run(args);
    expect({ code, stdout }, args).toEqual({ code: 2, stdout: '' });
    expect(stderr, args).toMatch(/^roost: [^\n]+\n$/);
  }
  expect(await fixture.run('help')).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringContaining('import FILE') as string
  });
});

test('[CLI-4] the way to a running server is its owner’s alone, and is gone when it stops', async () => {
  await using fixture = await setupFolder(true);
  const { dataDir } = fixture.roost;
  expect((await stat(path.join(dataDir, 'admin.sock'))).mode & 0o777).toBe(0o600);
  expect((await stat(dataDir)).mode & 0o077).toBe(0);
  await fixture.roost.kill('SIGTERM');
  expect(await readdir(dataDir)).not.toContain('admin.sock');
});

test('[CLI-4] after a crash the socket that was left behind is in nobody’s way', async () => {
  await using fixture = await setupFolder(true);
  const { roost, run } = fixture;
  await roost.kill('SIGKILL');
  expect(await readdir(roost.dataDir)).toContain('admin.sock');
  expect(await run('user add ann', PASSWORD)).toMatchObject({ code: 0 });
  await roost.start();
  expect(await run('user add bo', PASSWORD)).toMatchObject({ code: 0 });
});
