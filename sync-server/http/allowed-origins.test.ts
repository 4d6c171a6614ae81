import { expect, test } from 'vitest';
import { AllowedOrigins, type ServedAt } from './allowed-origins.ts';

const setup = (served: Partial<ServedAt>, lan = ['192.168.1.7', 'box.local']) => {
  let at = 0;
  const hosts = [...lan];
  const origins = new AllowedOrigins({
    served: { port: () => 3000, host: 'localhost', everywhere: false, tls: false, publicUrl: null, ...served },
    lanHosts: () => hosts,
    now: () => at
  });
  return { origins, hosts, pass: (ms: number) => (at += ms) };
};

test('[HTTP-2] on localhost, the names of loopback at this port and nothing else', () => {
  const { origins } = setup({});
  for (const origin of ['http://localhost:3000', 'http://127.0.0.1:3000', 'http://[::1]:3000']) {
    expect(origins.has(origin), origin).toBe(true);
  }
  const others = [
    'http://localhost',
    'http://localhost:3001',
    'https://localhost:3000',
    'http://LOCALHOST:3000',
    'http://localhost:3000/',
    'http://localhost:3000.evil.example',
    'http://evil.example',
    'http://192.168.1.7:3000',
    'null',
    ''
  ];
  for (const origin of others) expect(origins.has(origin), origin).toBe(false);
});

test('[HTTP-2] on the local network, its addresses and names over http and https, and the public address', () => {
  const { origins } = setup({ everywhere: true, tls: true, publicUrl: 'https://chat.example.org' });
  for (const origin of [
    'https://192.168.1.7:3000',
    'http://192.168.1.7:3000',
    'https://box.local:3000',
    'https://localhost:3000',
    'https://chat.example.org'
  ]) {
    expect(origins.has(origin), origin).toBe(true);
  }
  expect(origins.has('http://chat.example.org')).toBe(false);
  expect(origins.has('https://chat.example.org:3000')).toBe(false);
});

test('the port that a scheme has anyway is left out, as browsers leave it out', () => {
  const { origins } = setup({ port: () => 443, tls: true });
  expect(origins.has('https://localhost')).toBe(true);
  expect(origins.has('https://localhost:443')).toBe(false);
});

test('an address that the machine gets later is allowed soon after', () => {
  const { origins, hosts, pass } = setup({ everywhere: true, tls: true });
  expect(origins.has('https://10.0.0.9:3000')).toBe(false);
  hosts.push('10.0.0.9');
  pass(5_000);
  expect(origins.has('https://10.0.0.9:3000')).toBe(true);
});
