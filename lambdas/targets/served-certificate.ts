import { createHash } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { KeyType } from '../core/declaration.ts';
import type { ExpectedCertificate, ServedCertificate, ServedLook } from '../core/ports.ts';
import { addressesOf, countedLooks, type Place, type Resolve, shakeHands, systemAddresses } from './tls-handshake.ts';

/**
 * Looks at what is served where a user's browser would look: at every address of the host, since one edge of many may serve
 * something else. IPv6 addresses are passed by where this network has no IPv6. The chain is not judged: only which leaf is
 * served matters, and an expired or self-signed one must be seen as well.
 *
 * @param resolve Addresses of a host; default: those that the system finds.
 */
export function createServedCertificate(resolve: Resolve = systemAddresses): ServedCertificate {
  return {
    probe: async (place, timeoutMs, expected) => {
      const addresses = await addressesOf(place.host, resolve);
      if ('error' in addresses) return addresses;
      const looks = addresses.found.map(async (address) => ({
        address,
        seen: await lookAt(address, place, timeoutMs, expected),
      }));
      return summary(
        countedLooks(await Promise.all(looks)).map(({ seen }) => seen),
        expected,
      );
    },
  };
}

/** What differs from what is expected is what people must know of; without an expectation, whatever is served. */
function summary(looks: readonly ServedLook[], expected: ExpectedCertificate | undefined): ServedLook {
  const isOther = (seen: ServedLook) =>
    expected === undefined ? !('error' in seen) : 'error' in seen || seen.sha256 !== expected.sha256;
  return looks.find(isOther) ?? looks[0] ?? { error: 'the host has no address' };
}

/** A server may have a certificate of either type: that of the expected one is asked for, and any if there is none. */
async function lookAt(
  address: string,
  place: Place,
  timeoutMs: number,
  expected: ExpectedCertificate | undefined,
): Promise<ServedLook> {
  const shake = (options = {}) => shakeHands<ServedLook>(address, place, timeoutMs, leafOf, options);
  if (expected === undefined) return shake();
  const seen = await shake({ sigalgs: signatureAlgorithms(expected.keyType) });
  return 'error' in seen ? shake() : seen;
}

function signatureAlgorithms(keyType: KeyType): string {
  return keyType.startsWith('rsa')
    ? 'rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:RSA+SHA256:RSA+SHA384:RSA+SHA512'
    : 'ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512';
}

function leafOf(socket: TLSSocket): ServedLook {
  const leaf = socket.getPeerX509Certificate();
  if (!leaf) return { error: 'the server showed no certificate' };
  return { sha256: createHash('sha256').update(leaf.raw).digest('hex'), notAfter: leaf.validToDate.getTime() };
}
