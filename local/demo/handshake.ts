import type { X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import { parseChain, sha256Of } from '../../lambdas/core/verify-certificate.ts';

/** What a client sees at the edge: a leaf and what is wrong with it, if anything is, or why there was none to see. */
export type Seen =
  | { readonly sha256: string; readonly notAfter: number; readonly flaw?: string }
  | { readonly error: string };

const HANDSHAKE_MS = 5_000;
const LONGEST_CHAIN = 5;

/**
 * A TLS handshake of the demo's own with 127.0.0.1. Judged are name and chain, not the dates: the account's clock may be
 * months ahead of this machine's, by which OpenSSL would judge them.
 */
export function shakeHands(port: number, servername: string, rootsPem: string): Promise<Seen> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, servername, rejectUnauthorized: false });
    const end = (seen: Seen): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(seen);
    };
    const timer = setTimeout(() => end({ error: `no handshake within ${HANDSHAKE_MS} ms` }), HANDSHAKE_MS);
    socket.once('secureConnect', () => end(judge(socket.getPeerX509Certificate(), servername, rootsPem)));
    socket.on('error', ({ message }) => end({ error: message }));
  });
}

function judge(leaf: X509Certificate | undefined, servername: string, rootsPem: string): Seen {
  if (leaf === undefined) return { error: 'the edge showed no certificate' };
  const seen = { sha256: sha256Of(leaf), notAfter: leaf.validToDate.getTime() };
  if (leaf.checkHost(servername) === undefined) return { ...seen, flaw: `it is not made for ${servername}` };
  return endsInRoot(leaf, rootsPem) ? seen : { ...seen, flaw: "its chain does not end in the CA's root" };
}

function endsInRoot(leaf: X509Certificate, rootsPem: string): boolean {
  const roots = parseChain(rootsPem);
  let link = leaf;
  for (let length = 0; length < LONGEST_CHAIN; length += 1) {
    const certificate = link;
    if (roots.some((root) => certificate.checkIssued(root) && certificate.verify(root.publicKey))) return true;
    const issuer = certificate.issuerCertificate;
    if (issuer === undefined || !certificate.verify(issuer.publicKey)) return false;
    link = issuer;
  }
  return false;
}
