import { X509Certificate } from 'node:crypto';

function certificatesOf(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

function signedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

/** How long a chain is, and whether each certificate is signed by the next, the last one by one of the roots. */
export function verifies(
  chain: string,
  rootsPem: string,
): { readonly certificates: number; readonly verifies: boolean } {
  const certificates = certificatesOf(chain);
  const linked = certificates.slice(1).every((issuer, index) => {
    const certificate = certificates[index];
    return certificate !== undefined && signedBy(certificate, issuer);
  });
  const last = certificates.at(-1);
  const rooted = last !== undefined && certificatesOf(rootsPem).some((root) => signedBy(last, root));
  return { certificates: certificates.length, verifies: linked && rooted };
}
