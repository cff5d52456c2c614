import { hkdfSync } from 'node:crypto';
import type { PushBundle } from '../core/ports.ts';
import type { RemoteOwner } from '../core/target-driver.ts';
import { pkcs12 } from './pkcs12.ts';

/** A certificate as servers of the user's own take it. PEM with LF, the key as PKCS#8. */
export type ExportFiles = {
  readonly certificate: string;
  /** Intermediates in order, without the root. */
  readonly chain: string;
  readonly fullchain: string;
  readonly privateKey: string;
  readonly pkcs12: Buffer;
  /** The same whenever the version is written, so that files of two pushes that meet fit each other. */
  readonly pkcs12Password: string;
};

/** All forms of a bundle. */
export function exportFiles(bundle: PushBundle, { certificate }: RemoteOwner): ExportFiles {
  const { leafPem, intermediatesPem, privateKeyPem } = bundle;
  const pkcs12Password = passwordOf(bundle);
  return {
    certificate: leafPem,
    chain: intermediatesPem,
    fullchain: leafPem + intermediatesPem,
    privateKey: privateKeyPem,
    pkcs12: pkcs12(bundle, pkcs12Password, certificate),
    pkcs12Password,
  };
}

/** Derived from the private key, of which it tells nothing (RFC 5869). */
function passwordOf({ privateKeyPem, sha256 }: PushBundle): string {
  const derived = hkdfSync('sha256', privateKeyPem, Buffer.from(sha256, 'hex'), 'perennial pkcs12 password', 32);
  return Buffer.from(derived).toString('base64url');
}
