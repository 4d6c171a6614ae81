// The key pair by which push services know this server (VAPID, RFC 8292). Made at the first start and kept with the rest, so
// that a backup carries it: browsers bind their subscriptions to the public half.

import * as v from 'valibot';
import webPush from 'web-push';
import type { KeyValue } from '../store/key-value.ts';
import { decodeStored, encodeStored } from '../store/stored-json.ts';
import { VAPID_KEY } from './push-keys.ts';

const vapidRecord = v.strictObject({
  /** An uncompressed point of P-256, base64url. */
  publicKey: v.string(),
  privateKey: v.string()
});
export type VapidKeys = v.InferOutput<typeof vapidRecord>;

/** Rejects with StoreError. */
export async function openVapidKeys(kv: KeyValue): Promise<VapidKeys> {
  const stored = await kv.get(VAPID_KEY);
  if (stored) return decodeStored(vapidRecord, VAPID_KEY, stored);
  const { publicKey, privateKey } = webPush.generateVAPIDKeys();
  await kv.batch([{ type: 'put', key: VAPID_KEY, value: encodeStored({ publicKey, privateKey }) }], { sync: true });
  return { publicKey, privateKey };
}
