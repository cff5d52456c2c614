import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { askHttps } from '../ca/https-client.ts';
import { type ListenerCertificate, makeListenerCertificate } from '../ca/listener-certificate.ts';
import { freePort } from './free-port.ts';
import { type GuardedChild, startGuarded } from './guarded-child.ts';
import { findPebble, PEBBLE_VERSION } from './pebble-binary.ts';

/** A profile as Pebble knows it; `validityPeriod` in seconds. */
export interface PebbleProfile {
  readonly description: string;
  readonly validityPeriod: number;
}

/** How Pebble shall behave. What is left out is quiet and deterministic: no sleeps, no refused nonces, no reuse. */
export interface PebbleOptions {
  /** Resolver that Pebble asks, as `ip:port`. */
  readonly dnsServer: string;
  /** No random sleep before a validation. Default true. */
  readonly noSleep?: boolean;
  /** Longest random sleep before a validation, seconds; only with `noSleep: false`. Pebble's default is 5. */
  readonly sleepSeconds?: number;
  /** Share of good nonces refused with `badNonce`, percent. Default 0. */
  readonly nonceRejectPercent?: number;
  /** Share of valid authorizations reused, percent. Default 0. */
  readonly authzReusePercent?: number;
  /** Every challenge is valid without a look-up. Default false. */
  readonly alwaysValid?: boolean;
  /** More roots, each with an alternate chain. Default 0. */
  readonly alternateRoots?: number;
  /** Intermediates in a chain. Default 1. */
  readonly chainLength?: number;
  /** External account keys: key id to base64url MAC key. When given, a binding is required (RFC 8555 section 7.3.4). */
  readonly externalAccountKeys?: Readonly<Record<string, string>>;
  /** Issuer domains for CAA and dns-persist-01. Pebble's default is `pebble.letsencrypt.org`. */
  readonly caaIdentities?: readonly string[];
  /** Names it refuses with `rejectedIdentifier`. */
  readonly blockedNames?: readonly string[];
  /** Default: `default` with 90 days alone. With several, Pebble draws one at random for an order that names none. */
  readonly profiles?: Readonly<Record<string, PebbleProfile>>;
  /** Retry-After of authorizations and orders, seconds. Default 1 for both. */
  readonly retryAfterSeconds?: { readonly authz: number; readonly order: number };
  /** Where http-01 and tls-alpn-01 connect to. Default 5002 and 5001. */
  readonly httpPort?: number;
  readonly tlsPort?: number;
  /** Pebble's `-strict`. Default false. */
  readonly strict?: boolean;
  /** Environment in which the binary is looked for. Default: the process's own. */
  readonly env?: NodeJS.ProcessEnv;
}

/** A running Pebble. It dies with this process, however that ends. */
export interface Pebble {
  readonly directoryUrl: string;
  /** Root of its HTTPS listeners: what a client must trust to talk to it. */
  readonly rootPem: string;
  /** Roots of the certificates it issues, one PEM after the other. */
  readonly issuerRootsPem: string;
  readonly managementUrl: string;
  readonly version: string;
  /** What it has printed so far, for a failed test. */
  output(): string;
  stop(): Promise<void>;
}

const NINETY_DAYS_S = 90 * 86_400;
const START_DEADLINE_MS = 30_000;

interface Place {
  readonly port: number;
  readonly managementPort: number;
  readonly tls: ListenerCertificate;
}

function configOf(options: PebbleOptions, place: Place, folder: string): object {
  return {
    pebble: {
      listenAddress: `127.0.0.1:${place.port}`,
      managementListenAddress: `127.0.0.1:${place.managementPort}`,
      certificate: join(folder, 'cert.pem'),
      privateKey: join(folder, 'key.pem'),
      httpPort: options.httpPort ?? 5002,
      tlsPort: options.tlsPort ?? 5001,
      ocspResponderURL: '',
      externalAccountBindingRequired: options.externalAccountKeys !== undefined,
      externalAccountMACKeys: options.externalAccountKeys ?? {},
      caaIdentities: options.caaIdentities ?? [],
      domainBlocklist: options.blockedNames ?? [],
      keyAlgorithm: 'ecdsa',
      retryAfter: options.retryAfterSeconds ?? { authz: 1, order: 1 },
      profiles: options.profiles ?? { default: { description: '90 days', validityPeriod: NINETY_DAYS_S } },
    },
  };
}

function environmentOf(options: PebbleOptions): Readonly<Record<string, string>> {
  const sleep = options.sleepSeconds === undefined ? {} : { PEBBLE_VA_SLEEPTIME: String(options.sleepSeconds) };
  return {
    PEBBLE_VA_NOSLEEP: (options.noSleep ?? true) ? '1' : '0',
    PEBBLE_VA_ALWAYS_VALID: options.alwaysValid ? '1' : '0',
    PEBBLE_WFE_NONCEREJECT: String(options.nonceRejectPercent ?? 0),
    PEBBLE_AUTHZREUSE: String(options.authzReusePercent ?? 0),
    PEBBLE_ALTERNATE_ROOTS: String(options.alternateRoots ?? 0),
    PEBBLE_CHAIN_LENGTH: String(options.chainLength ?? 1),
    ...sleep,
  };
}

async function makePlace(): Promise<Place> {
  const tls = await makeListenerCertificate();
  return { tls, port: await freePort(), managementPort: await freePort() };
}

/** Puts Pebble's configuration and key pair into its folder; its command line. */
async function settleIn(options: PebbleOptions, place: Place, folder: string): Promise<readonly string[]> {
  await writeFile(join(folder, 'cert.pem'), place.tls.certificatePem);
  await writeFile(join(folder, 'key.pem'), place.tls.privateKeyPem, { mode: 0o600 });
  await writeFile(join(folder, 'config.json'), JSON.stringify(configOf(options, place, folder)));
  const flags = ['-config', join(folder, 'config.json'), '-dnsserver', options.dnsServer];
  return options.strict ? [...flags, '-strict'] : flags;
}

async function answers(url: string, rootPem: string): Promise<string | undefined> {
  const answer = await askHttps({ url, rootPem, timeoutMs: 2000 }).catch(() => undefined);
  return answer?.status === 200 ? answer.body : undefined;
}

async function waitFor(url: string, place: Place, child: GuardedChild): Promise<string> {
  const deadline = Date.now() + START_DEADLINE_MS;
  while (Date.now() < deadline && !child.hasEnded()) {
    const body = await answers(url, place.tls.rootPem);
    if (body !== undefined) return body;
    await pause(25);
  }
  throw new Error(`Pebble does not answer at ${url}; free the port or read its output:\n${child.output()}`);
}

async function connect(options: PebbleOptions, place: Place, child: GuardedChild): Promise<Pebble> {
  const directoryUrl = `https://127.0.0.1:${place.port}/dir`;
  const managementUrl = `https://127.0.0.1:${place.managementPort}`;
  await waitFor(directoryUrl, place, child);
  const roots: string[] = [];
  for (let index = 0; index <= (options.alternateRoots ?? 0); index += 1) {
    roots.push(await waitFor(`${managementUrl}/roots/${index}`, place, child));
  }
  return {
    directoryUrl,
    managementUrl,
    rootPem: place.tls.rootPem,
    issuerRootsPem: roots.join(''),
    version: `pebble ${PEBBLE_VERSION}`,
    output: child.output,
    stop: child.stop,
  };
}

/**
 * Starts Let's Encrypt's test CA on free ports of 127.0.0.1 and waits until it answers.
 * @throws PebbleMissingError when the program cannot be had; Error with its output when it does not start.
 */
export async function startPebble(options: PebbleOptions): Promise<Pebble> {
  const binary = await findPebble(options.env);
  const place = await makePlace();
  const inFolder = (folder: string): Promise<readonly string[]> => settleIn(options, place, folder);
  const child = await startGuarded('pebble', binary, inFolder, environmentOf(options));
  try {
    return await connect(options, place, child);
  } catch (error) {
    await child.stop();
    throw error;
  }
}
