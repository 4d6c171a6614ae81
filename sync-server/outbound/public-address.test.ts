import { expect, test } from 'vitest';
import { isPublicAddress } from './public-address.ts';

test.for([
  ...['127.0.0.1', '127.255.255.254', '0.0.0.0', '0.1.2.3', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
  // Link-local, with what clouds tell their machines; carriers' own; tests and benchmarks; multicast and broadcast.
  ...['169.254.169.254', '169.254.0.1', '100.64.0.1', '100.127.255.255', '100.100.100.200', '192.0.0.192'],
  ...['192.0.2.1', '198.51.100.7', '203.0.113.9', '198.18.0.1', '198.19.255.255', '192.88.99.1'],
  ...['224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255'],
  ...[
    '::',
    '::1',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'fc00::1',
    'fd00:ec2::254',
    'ff02::1',
    '2001:db8::1',
    '3fff::1'
  ],
  // Other addresses within: mapped, translated, tunnelled.
  ...['::ffff:127.0.0.1', '::ffff:8.8.8.8', '::ffff:7f00:1', '::127.0.0.1', '64:ff9b::7f00:1', '64:ff9b:1::1'],
  ...['2002:7f00:1::', '2001::1', '2001:0:4136:e378:8000:63bf:3fff:fdd2', '100::1', '5f00::1'],
  ...['', 'localhost', '127.1', '0x7f000001', '2130706433', '1.2.3.4.5', '8.8.8.8 ', '[2606:4700::1]', '2606:4700::1%1']
])('[PUSH-3] [PREVIEW-6] %s is not public', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.for(['8.8.8.8', '1.1.1.1', '172.32.0.1', '100.63.255.255', '100.128.0.1', '192.169.0.1', '223.255.255.255'])(
  '[PUSH-3] [PREVIEW-6] %s is public',
  (address) => {
    expect(isPublicAddress(address)).toBe(true);
  }
);
test.for(['2606:4700:4700::1111', '2a00:1450:4001:82a::200e', '2001:4860:4860::8888', '2400:cb00::1'])(
  '[PUSH-3] [PREVIEW-6] %s is public',
  (address) => {
    expect(isPublicAddress(address)).toBe(true);
  }
);
