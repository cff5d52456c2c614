import { createHash, type X509Certificate } from 'node:crypto';
import { rootCertificates, type TLSSocket } from 'node:tls';
import type { AddressLook, Handshakes, SeenLeaf } from '../core/ports.ts';
import { addressesOf, countedLooks, type Place, type Resolve, shakeHands, systemAddresses } from './tls-handshake.ts';

/** What the watch judges by its own clock, leaf by leaf. */
const DATES = ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'];

/**
 * Handshakes at every address of a host that show what a browser would make of it: leaf, names, and whether the chain that
 * comes with it leads to a root that is trusted.
 *
 * @param resolve Addresses of a host; default: those that the system finds.
 */
export function createHandshakes(resolve: Resolve = systemAddresses): Handshakes {
  return {
    look: async (place, timeoutMs, roots) => {
      const { host } = place;
      const addresses = await addressesOf(host, resolve);
      if ('error' in addresses) return { host, error: addresses.error };
      const looks = addresses.found.map(async (address) => ({
        address,
        seen: await lookAt(address, place, timeoutMs, roots),
      }));
      const counted = countedLooks(await Promise.all(looks));
      return { host, addresses: counted.map(({ address, seen }): AddressLook => ({ address, ...seen })) };
    },
  };
}

function lookAt(address: string, place: Place, timeoutMs: number, roots: readonly string[]) {
  const read = (socket: TLSSocket) => leafOf(socket, place.servername, roots);
  return shakeHands<{ readonly leaf: SeenLeaf } | { readonly error: string }>(address, place, timeoutMs, read, {
    ...trustedBy(roots),
    // Names are judged by the leaf itself, so that they do not hide what is wrong with its chain.
    checkServerIdentity: () => undefined,
  });
}

/** The public roots alone are what Node trusts anyway, read once and not for every handshake. */
function trustedBy(roots: readonly string[]): { readonly ca?: string[] } {
  if (roots.every((root) => root === 'public')) return {};
  return { ca: roots.flatMap((root) => (root === 'public' ? rootCertificates : [root])) };
}

function leafOf(
  socket: TLSSocket,
  servername: string,
  roots: readonly string[],
): { readonly leaf: SeenLeaf } | { readonly error: string } {
  const leaf = socket.getPeerX509Certificate();
  if (!leaf) return { error: 'the server showed no certificate' };
  const issuer = leaf.issuerCertificate;
  const wrong = roots.length > 0 && !socket.authorized ? String(socket.authorizationError) : undefined;
  const untrusted = wrong === undefined || DATES.some((code) => wrong.includes(code)) ? undefined : wrong;
  return { leaf: { ...seenLeaf(leaf, issuer, servername), ...(untrusted !== undefined && { untrusted }) } };
}

/** What a leaf says of itself. */
export function seenLeaf(leaf: X509Certificate, issuer: X509Certificate | undefined, servername: string): SeenLeaf {
  return {
    sha256: createHash('sha256').update(leaf.raw).digest('hex'),
    notBefore: leaf.validFromDate.getTime(),
    notAfter: leaf.validToDate.getTime(),
    names: [...(leaf.subjectAltName ?? '').matchAll(/DNS:([^,\s"]+)/g)].flatMap(([, name]) => name ?? []),
    coversName: leaf.checkHost(servername) !== undefined,
    der: leaf.raw,
    ...(issuer !== undefined && { issuerDer: issuer.raw, issuerNotAfter: issuer.validToDate.getTime() }),
  };
}
