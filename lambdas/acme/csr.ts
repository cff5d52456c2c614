import * as acme from 'acme-client';

/** A certificate signing request for exactly these names (RFC 8555 section 7.4), PEM; the first name is the common name if it fits. */
export async function createCsr(domains: readonly string[], privateKeyPem: string): Promise<string> {
  const short = domains.find((domain) => domain.length <= 64);
  const names = { altNames: [...domains], ...(short === undefined ? {} : { commonName: short }) };
  const [, csr] = await acme.crypto.createCsr(names, privateKeyPem);
  return csr.toString();
}
