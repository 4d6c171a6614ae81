import { expect, test } from 'vitest';
import { socketPath } from './socket-path.ts';

test('the socket is in the data folder, named from the working directory where the path is too long', () => {
  expect(socketPath('/srv/roost/data', '/')).toBe('/srv/roost/data/admin.sock');
  const deep = `/srv/${'deep/'.repeat(20)}roost`;
  expect(socketPath(`${deep}/data`, deep)).toBe('data/admin.sock');
  expect(socketPath(`${deep}/data`, '/')).toBeNull();
});
