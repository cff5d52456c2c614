import { type Ca, startCa } from '../ca/ca.ts';
import { ENDPOINTS } from '../ca/wire.ts';
import { startPebble } from '../peers/pebble.ts';

/** Which CA a demo takes its certificates from. */
export const AUTHORITIES = ['pebble', 'local'] as const;
export type AuthorityName = (typeof AUTHORITIES)[number];

/** Requests by the resource they went to (RFC 8555 section 7.1). */
export type RequestCounts = Readonly<Record<string, number>>;

/** A running CA that counts what it is asked. */
export interface Authority {
  readonly directoryUrl: string;
  /** What its HTTPS is trusted by, and what its certificates end in. PEM. */
  readonly rootsPem: string;
  readonly issuerRootsPem: string;
  /** As in `pebble 2.10.1`. */
  readonly version: string;
  requests(): RequestCounts;
  stop(): Promise<void>;
}

/** Pebble's paths, in the order in which a run meets them. */
const PEBBLE_PATHS: readonly (readonly [kind: string, path: string])[] = [
  ['directory', '/dir'],
  ['newNonce', '/nonce-plz'],
  ['newAccount', '/sign-me-up'],
  ['account', '/my-account/'],
  ['newOrder', '/order-plz'],
  ['authorization', '/authZ/'],
  ['challenge', '/chalZ/'],
  ['order', '/my-order/'],
  ['finalize', '/finalize-order/'],
  ['certificate', '/certZ/'],
];

function counted(kinds: readonly string[], count: (kind: string) => number): RequestCounts {
  return Object.fromEntries(kinds.map((kind) => [kind, count(kind)] as const).filter(([, times]) => times > 0));
}

/** Pebble tells each request in a line of its output. The first one was that of its start: is it there? */
function countPebble(output: string): RequestCounts {
  const paths = [...output.matchAll(/ (?:GET|HEAD|POST) (\/\S*) -> calling handler/g)].map(([, path]) => path).slice(1);
  const kinds = new Map(PEBBLE_PATHS);
  return counted([...kinds.keys()], (kind) => paths.filter((path) => path === kinds.get(kind)).length);
}

type Running = Awaited<ReturnType<typeof startPebble>> | Ca;

function authorityOf(running: Running, requests: () => RequestCounts): Authority {
  const { directoryUrl, rootPem, issuerRootsPem, version } = running;
  return { directoryUrl, rootsPem: rootPem, issuerRootsPem, version, requests, stop: () => running.stop() };
}

async function pebble(dnsServer: string): Promise<Authority> {
  const running = await startPebble({ dnsServer });
  return authorityOf(running, () => countPebble(running.output()));
}

/** A CA of this project's own as an authority. */
export function localAuthority(running: Ca): Authority {
  const times = (kind: string) => running.journal.requests.filter(({ endpoint }) => endpoint === kind).length;
  return authorityOf(running, () => counted(ENDPOINTS, times));
}

async function local(resolver: string): Promise<Authority> {
  return localAuthority(await startCa({ resolver }));
}

/** Starts a CA that resolves with `dnsServer`, an `ip:port`. */
export function startAuthority(name: AuthorityName, dnsServer: string): Promise<Authority> {
  return { pebble, local }[name](dnsServer);
}
