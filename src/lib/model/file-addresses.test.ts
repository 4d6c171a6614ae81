import { resolveObjectURL } from 'node:buffer';
import { expect, test } from 'vitest';
import { FileAddresses } from './file-addresses.ts';

test('[FILE-11] what a browser would run has an address that it only saves, pictures and sound one that it shows', () => {
  const addresses = new FileAddresses();
  const typeOf = (type: string) => resolveObjectURL(addresses.make(type, new Blob(['x'], { type })))?.type;
  for (const type of ['text/html', 'image/svg+xml', 'application/pdf', 'text/xml', ''])
    expect(typeOf(type), type).toBe('application/octet-stream');
  for (const type of ['image/webp', 'video/mp4', 'audio/ogg']) expect(typeOf(type)).toBe(type);
});

test('[FILES-1] of somebody who has left no address stays: what is still shown goes with who shows it, the rest at once', () => {
  const addresses = new FileAddresses();
  const [shown, idle] = ['shown', 'idle'].map((hash) => addresses.make(hash, new Blob([hash], { type: 'image/webp' })));
  addresses.release('idle');
  expect(resolveObjectURL(idle!)?.size).toBe(4);
  addresses.clear();
  expect(resolveObjectURL(idle!)).toBeUndefined();
  expect(addresses.take('idle')).toBeNull();
  expect(resolveObjectURL(shown!)?.size).toBe(5);
  addresses.release('shown');
  expect(resolveObjectURL(shown!)).toBeUndefined();
});
