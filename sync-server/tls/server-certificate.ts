// The certificate that the host brought along: read once, with one clear line when it will not do.

import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { ConfigError } from '../config-error.ts';

export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** @throws ConfigError */
export async function readCertificate(files: CertificateFiles): Promise<{ cert: string; key: string }> {
  // One after the other: of two that are wrong, it is always the same one that is named.
  const cert = await readPem('ROOST_TLS_CERT', files.certFile);
  const key = await readPem('ROOST_TLS_KEY', files.keyFile);
  let fits: boolean;
  try {
    fits = new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
    if (fits) createSecureContext({ cert, key });
  } catch (cause) {
    const advice = 'ROOST_TLS_CERT and ROOST_TLS_KEY must be PEM files, the key without a passphrase';
    throw new ConfigError(`The certificate cannot be read: ${advice}.`, { cause });
  }
  if (!fits) throw new ConfigError(`The key ${files.keyFile} does not belong to the certificate ${files.certFile}.`);
  return { cert, key };
}

async function readPem(variable: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'is not there' : `cannot be read (${code})`;
    throw new ConfigError(`The file ${file} of ${variable} ${reason}.`, { cause });
  }
}
