import type { CertificateDeclaration } from '../core/declaration.ts';
import { sealingContext } from '../core/key-purpose.ts';
import type { OrderKey } from '../core/rows.ts';
import type { OrderPorts } from './ports.ts';

/** A fresh private key, sealed, and the CSR made with it; both are stored before an order is created. */
export async function makeOrderKey(
  ports: OrderPorts,
  { name, keyType, domains }: CertificateDeclaration,
): Promise<OrderKey> {
  const keyId = ports.newId();
  const context = sealingContext('certificate-key', { certificate: name, keyId });
  const { sealed, pem } = await ports.vault.create(keyType, context);
  return { keyId, sealedKey: sealed, csr: await ports.createCsr(domains, pem) };
}
