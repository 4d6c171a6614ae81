// The keys that people's devices sign with.

/**
 * POST /api/devices { publicKey }: registers this session's device key; the id follows from the key. GET
 * /api/devices?users=a,b (at most 100) → DeviceInfo[]; GET /api/devices?ids=… the same by id.
 */
export interface DeviceInfo {
  readonly id: string;
  readonly user: string;
  /** Ed25519, 32 bytes in base64url. */
  readonly publicKey: string;
  /** As SessionInfo.label when it was registered. */
  readonly label: string;
  /** Epoch ms. */
  readonly createdAt: number;
  /** Epoch ms, or null: in use. What it signed before stays proven. */
  readonly revokedAt: number | null;
}
