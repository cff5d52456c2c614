import { lookup } from 'node:dns/promises';
import { isIPv6 } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import type { Probe } from '../core/target-declaration.ts';

/** Where a handshake can be had. */
export type Place = Exclude<Probe, 'control-plane'>;

/** All addresses of a host, of both families. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** Addresses as the system finds them. */
export async function systemAddresses(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

/** The addresses of a host, each once, or why it has none. */
export async function addressesOf(
  host: string,
  resolve: Resolve,
): Promise<{ readonly found: readonly string[] } | { readonly error: string }> {
  try {
    return { found: [...new Set(await resolve(host))] };
  } catch (error) {
    return { error: `${host} has no address: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** How a network without IPv6, such as a Lambda's outside of a VPC, refuses a connection over it. */
const NO_IPV6 = ['ENETUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT'];

/** The looks that count: an IPv6 address is passed by where this network has no IPv6, unless there is nothing else. */
export function countedLooks<Seen>(
  looks: readonly { readonly address: string; readonly seen: Seen | { readonly error: string } }[],
): readonly { readonly address: string; readonly seen: Seen | { readonly error: string } }[] {
  const counted = looks.filter(({ address, seen }) => !isWithoutIpv6(address, seen));
  return counted.length > 0 ? counted : looks;
}

function isWithoutIpv6(address: string, seen: unknown): boolean {
  if (!isIPv6(address) || typeof seen !== 'object' || seen === null || !('error' in seen)) return false;
  return NO_IPV6.some((code) => String(seen.error).includes(code));
}

/**
 * One TLS handshake with SNI (RFC 6066 section 3) at one address; what `read` makes of it, or why there was none. Whatever the
 * server shows is looked at, also what nobody would trust.
 */
export function shakeHands<Seen>(
  address: string,
  { port, servername }: Place,
  timeoutMs: number,
  read: (socket: TLSSocket) => Seen,
  options: ConnectionOptions = {},
): Promise<Seen | { readonly error: string }> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, servername, rejectUnauthorized: false, ...options });
    const timer = setTimeout(() => end({ error: `no TLS handshake within ${timeoutMs} ms` }), timeoutMs);
    const end = (seen: Seen | { readonly error: string }) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(seen);
    };
    socket.once('secureConnect', () => end(read(socket)));
    // Stays after the first error: a second one without a listener would end the process.
    socket.on('error', (error) => end({ error: error.message }));
    socket.once('close', () => end({ error: 'the connection was closed before the TLS handshake ended' }));
  });
}
