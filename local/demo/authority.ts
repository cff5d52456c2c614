import { startCa } from '../ca/ca.ts';
import { startPebble } from '../peers/pebble.ts';
import { findPebble } from '../peers/pebble-binary.ts';

export const AUTHORITIES = ['local', 'pebble'] as const;
export type AuthorityName = (typeof AUTHORITIES)[number];

/** A running CA, as far as the demo is concerned with it. */
export type Authority = {
  readonly directoryUrl: string;
  /** What its HTTPS is trusted by. PEM. */
  readonly rootPem: string;
  /** What its certificates end in. PEM. */
  readonly issuerRootsPem: string;
  /** As in `pebble 2.10.1`. */
  readonly version: string;
  stop(): Promise<void>;
};

/** Where a CA finds the world that it is asked to certify. */
export type AuthorityTerms = {
  /** The one DNS server, `ip:port`. */
  readonly resolver: string;
  /** The account's clock, which the local CA goes by; Pebble has real time only. */
  readonly now: () => number;
};

/** Sees to it that the CA's program is there; building Pebble takes minutes, once. @throws PebbleMissingError */
export async function fetchAuthority(name: AuthorityName): Promise<void> {
  if (name === 'pebble') await findPebble();
}

/** Starts a CA on a free port of loopback. */
export function startAuthority(name: AuthorityName, { resolver, now }: AuthorityTerms): Promise<Authority> {
  return name === 'pebble' ? startPebble({ dnsServer: resolver }) : startCa({ resolver, now });
}
