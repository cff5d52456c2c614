import { createHash } from 'node:crypto';
import { connect, type TLSSocket } from 'node:tls';
import type { ServedCertificate } from '../core/ports.ts';

/**
 * Looks at what is served by a TLS handshake with SNI (RFC 6066 section 3), where a user's browser would look. The chain is not
 * judged: only which leaf is served matters, and an expired or self-signed one must be seen as well.
 */
export function createServedCertificate(): ServedCertificate {
  return {
    probe: ({ host, port, servername }, timeoutMs) =>
      new Promise((resolve) => {
        const socket = connect({ host, port, servername, rejectUnauthorized: false });
        const timer = setTimeout(() => end({ error: `no TLS handshake within ${timeoutMs} ms` }), timeoutMs);
        const end = (seen: Awaited<ReturnType<ServedCertificate['probe']>>) => {
          clearTimeout(timer);
          socket.destroy();
          resolve(seen);
        };
        socket.once('secureConnect', () => end(leafOf(socket)));
        // Stays after the first error: a second one without a listener would end the process.
        socket.on('error', (error) => end({ error: error.message }));
        socket.once('close', () => end({ error: 'the connection was closed before the TLS handshake ended' }));
      }),
  };
}

function leafOf(socket: TLSSocket): { sha256: string; notAfter: number } | { error: string } {
  const leaf = socket.getPeerX509Certificate();
  if (!leaf) return { error: 'the server showed no certificate' };
  return { sha256: createHash('sha256').update(leaf.raw).digest('hex'), notAfter: leaf.validToDate.getTime() };
}
