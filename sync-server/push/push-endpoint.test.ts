import { describe, expect, test } from 'vitest';
import { endpointFlaw, type EndpointFlaw } from './push-endpoint.ts';

const own = new Set(['http://127.0.0.1:9999', 'https://push.lan:8443']);

describe('[PUSH-3] a push service is https on its usual port and a public address, or one that the host allows', () => {
  test.for<[flaw: EndpointFlaw | null, endpoint: string]>([
    [null, 'https://fcm.googleapis.com/fcm/send/abc'],
    [null, 'https://fcm.googleapis.com:443/fcm/send/abc'],
    [null, 'https://8.8.8.8/x'],
    [null, 'http://127.0.0.1:9999/x'],
    [null, 'https://push.lan:8443/y'],
    ['no-address', 'fcm.googleapis.com/x'],
    ['no-address', ''],
    ['no-address', `https://example.org/${'x'.repeat(1_024)}`],
    ['not-https', 'http://fcm.googleapis.com/x'],
    ['not-https', 'ftp://example.org/x'],
    ['not-https', 'file:///etc/passwd'],
    ['not-https', 'data:text/plain,x'],
    ['port', 'https://example.org:8443/x'],
    ['port', 'https://example.org:80/x'],
    ['port', 'https://push.lan:8444/y'],
    ['credentials', 'https://ann@example.org/x'],
    ['credentials', 'https://ann:secret@example.org/x'],
    ['credentials', 'http://ann@127.0.0.1:9999/x'],
    ['not-public', 'https://127.0.0.1/x'],
    ['not-public', 'https://127.1/x'],
    ['not-public', 'https://0x7f000001/x'],
    ['not-public', 'https://2130706433/x'],
    ['not-public', 'https://017700000001/x'],
    ['not-public', 'https://[::1]/x'],
    ['not-public', 'https://[::ffff:10.0.0.1]/x'],
    ['not-public', 'https://169.254.169.254/latest/meta-data'],
    ['not-public', 'https://localhost/x'],
    ['not-public', 'https://LOCALHOST./x'],
    ['not-public', 'https://db.internal/x'],
    ['not-public', 'https://printer.local/x'],
    ['not-public', 'https://intranet/x']
  ])('%s: %s', ([flaw, endpoint]) => {
    expect(endpointFlaw(endpoint, own)).toBe(flaw);
  });
});
