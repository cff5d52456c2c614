import { createHash } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { isIPv6 } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import type { KeyType } from '../core/declaration.ts';
import type { ExpectedCertificate, ServedCertificate, ServedLook } from '../core/ports.ts';
import type { Probe } from '../core/target-declaration.ts';

type Place = Exclude<Probe, 'control-plane'>;

/** How a network without IPv6, such as a Lambda's outside of a VPC, refuses a connection over it. */
const NO_IPV6 = ['ENETUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT'];

/**
 * Looks at what is served by TLS handshakes with SNI (RFC 6066 section 3), where a user's browser would look: at every address
 * of the host, since one edge of many may serve something else. IPv6 addresses are passed by where this network has no IPv6.
 * The chain is not judged: only which leaf is served matters, and an expired or self-signed one must be seen as well.
 *
 * @param resolve Addresses of a host; default: those that the system finds.
 */
export function createServedCertificate(resolve: Resolve = systemAddresses): ServedCertificate {
  return {
    probe: async (place, timeoutMs, expected) => {
      const addresses = await addressesOf(place.host, resolve);
      if ('error' in addresses) return addresses;
      const looks = await Promise.all(addresses.found.map((address) => lookAt(address, place, timeoutMs, expected)));
      const counted = looks.filter(({ seen }, index) => !isWithoutIpv6(addresses.found[index] ?? '', seen));
      return summary(counted.length > 0 ? counted : looks, expected);
    },
  };
}

/** All addresses of a host, of both families. */
type Resolve = (host: string) => Promise<readonly string[]>;

type Look = { readonly seen: ServedLook };

/** What differs from what is expected is what people must know of; without an expectation, whatever is served. */
function summary(looks: readonly Look[], expected: ExpectedCertificate | undefined): ServedLook {
  const isOther = ({ seen }: Look) =>
    expected === undefined ? !('error' in seen) : 'error' in seen || seen.sha256 !== expected.sha256;
  return (looks.find(isOther) ?? looks[0])?.seen ?? { error: 'the host has no address' };
}

async function systemAddresses(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

async function addressesOf(
  host: string,
  resolve: Resolve,
): Promise<{ readonly found: readonly string[] } | { readonly error: string }> {
  try {
    return { found: [...new Set(await resolve(host))] };
  } catch (error) {
    return { error: `${host} has no address: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function isWithoutIpv6(address: string, seen: ServedLook): boolean {
  return 'error' in seen && isIPv6(address) && NO_IPV6.some((code) => seen.error.includes(code));
}

/** A server may have a certificate of either type: that of the expected one is asked for, and any if there is none. */
async function lookAt(
  address: string,
  place: Place,
  timeoutMs: number,
  expected: ExpectedCertificate | undefined,
): Promise<Look> {
  if (expected === undefined) return { seen: await shakeHands(address, place, timeoutMs) };
  const seen = await shakeHands(address, place, timeoutMs, { sigalgs: signatureAlgorithms(expected.keyType) });
  return { seen: 'error' in seen ? await shakeHands(address, place, timeoutMs) : seen };
}

function signatureAlgorithms(keyType: KeyType): string {
  return keyType.startsWith('rsa')
    ? 'rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:RSA+SHA256:RSA+SHA384:RSA+SHA512'
    : 'ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512';
}

function shakeHands(
  host: string,
  { port, servername }: Place,
  timeoutMs: number,
  options: ConnectionOptions = {},
): Promise<ServedLook> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, servername, rejectUnauthorized: false, ...options });
    const timer = setTimeout(() => end({ error: `no TLS handshake within ${timeoutMs} ms` }), timeoutMs);
    const end = (seen: ServedLook) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(seen);
    };
    socket.once('secureConnect', () => end(leafOf(socket)));
    // Stays after the first error: a second one without a listener would end the process.
    socket.on('error', (error) => end({ error: error.message }));
    socket.once('close', () => end({ error: 'the connection was closed before the TLS handshake ended' }));
  });
}

function leafOf(socket: TLSSocket): ServedLook {
  const leaf = socket.getPeerX509Certificate();
  if (!leaf) return { error: 'the server showed no certificate' };
  return { sha256: createHash('sha256').update(leaf.raw).digest('hex'), notAfter: leaf.validToDate.getTime() };
}
