import { connect, type AddressInfo } from 'node:net';
import fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../tests/eventually.ts';
import { endSlowBodies } from './slow-bodies.ts';

async function setup() {
  const app = fastify();
  endSlowBodies(app, (_method, route) => route === '/long', 20);
  for (const route of ['/short', '/long']) app.post(route, async (request) => request.body);
  app.get('/page', async () => 'here');
  await app.listen({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => app.close());
  const { port } = app.server.address() as AddressInfo;
  return (request: string) => {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    onTestFinished(() => void socket.destroy());
    socket.write(request);
    let text = '';
    socket.on('data', (bytes: Buffer) => (text += bytes.toString()));
    return { socket, text: () => text };
  };
}

const head = (route: string, length: number): string =>
  `POST ${route} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;

test('[FILE-30] a body that does not come ends its line; one that may be long is waited for, and so is the next request', async () => {
  const open = await setup();
  const long = open(`${head('/long', 7)}{"a":`);
  const slow = open(`${head('/short', 7)}{"a":`);
  await new Promise((resolve) => slow.socket.once('close', resolve));
  expect(slow.text()).toBe('');
  // The other has waited as long by now.
  long.socket.write('1}');
  await eventually(() => expect(long.text()).toContain('{"a":1}'));
  // What has no body, or has come, has no time to keep: the line serves on.
  long.socket.write('GET /page HTTP/1.1\r\nhost: x\r\n\r\n');
  await eventually(() => expect(long.text()).toContain('here'));
});
