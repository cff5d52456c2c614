import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { askHttps } from '../ca/https-client.ts';
import { type ListenerCertificate, makeListenerCertificate } from '../ca/listener-certificate.ts';
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

// `exec` gives Pebble the shell's pid. The watcher before it waits for our end of descriptor 3, which the kernel closes
// when this process ends by whatever cause, a kill -9 included; then it ends Pebble and removes the folder.
const GUARD = '(cat <&3 >/dev/null 2>&1; kill $$; rm -rf "$FOLDER") >/dev/null 2>&1 & exec "$0" "$@" 3<&-';

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

interface Place {
  readonly folder: string;
  readonly port: number;
  readonly managementPort: number;
  readonly tls: ListenerCertificate;
}

function configOf(options: PebbleOptions, place: Place): object {
  return {
    pebble: {
      listenAddress: `127.0.0.1:${place.port}`,
      managementListenAddress: `127.0.0.1:${place.managementPort}`,
      certificate: join(place.folder, 'cert.pem'),
      privateKey: join(place.folder, 'key.pem'),
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

function environmentOf(options: PebbleOptions, folder: string): NodeJS.ProcessEnv {
  const sleep = options.sleepSeconds === undefined ? {} : { PEBBLE_VA_SLEEPTIME: String(options.sleepSeconds) };
  return {
    PATH: process.env.PATH,
    FOLDER: folder,
    PEBBLE_VA_NOSLEEP: (options.noSleep ?? true) ? '1' : '0',
    PEBBLE_VA_ALWAYS_VALID: options.alwaysValid ? '1' : '0',
    PEBBLE_WFE_NONCEREJECT: String(options.nonceRejectPercent ?? 0),
    PEBBLE_AUTHZREUSE: String(options.authzReusePercent ?? 0),
    PEBBLE_ALTERNATE_ROOTS: String(options.alternateRoots ?? 0),
    PEBBLE_CHAIN_LENGTH: String(options.chainLength ?? 1),
    ...sleep,
  };
}

async function makePlace(options: PebbleOptions): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'perennial-pebble-'));
  const tls = await makeListenerCertificate();
  const place = { folder, tls, port: await freePort(), managementPort: await freePort() };
  await writeFile(join(folder, 'cert.pem'), tls.certificatePem);
  await writeFile(join(folder, 'key.pem'), tls.privateKeyPem, { mode: 0o600 });
  await writeFile(join(folder, 'config.json'), JSON.stringify(configOf(options, place)));
  return place;
}

function launch(binary: string, options: PebbleOptions, folder: string): ChildProcess {
  const flags = ['-config', join(folder, 'config.json'), '-dnsserver', options.dnsServer];
  if (options.strict) flags.push('-strict');
  return spawn('/bin/sh', ['-c', GUARD, binary, ...flags], {
    env: environmentOf(options, folder),
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => child.once('exit', resolve));
}

async function stopChild(child: ChildProcess, folder: string): Promise<void> {
  const guard = child.stdio[3];
  if (guard && 'destroy' in guard) guard.destroy();
  await endOf(child);
  await rm(folder, { recursive: true, force: true });
}

async function answers(url: string, rootPem: string): Promise<string | undefined> {
  const answer = await askHttps({ url, rootPem, timeoutMs: 2000 }).catch(() => undefined);
  return answer?.status === 200 ? answer.body : undefined;
}

async function waitFor(url: string, place: Place, child: ChildProcess, output: () => string): Promise<string> {
  const deadline = Date.now() + START_DEADLINE_MS;
  while (Date.now() < deadline && child.exitCode === null && child.signalCode === null) {
    const body = await answers(url, place.tls.rootPem);
    if (body !== undefined) return body;
    await pause(25);
  }
  throw new Error(`Pebble does not answer at ${url}; free the port or read its output:\n${output()}`);
}

async function connect(
  options: PebbleOptions,
  place: Place,
  child: ChildProcess,
  output: () => string,
): Promise<Pebble> {
  const directoryUrl = `https://127.0.0.1:${place.port}/dir`;
  const managementUrl = `https://127.0.0.1:${place.managementPort}`;
  await waitFor(directoryUrl, place, child, output);
  const roots: string[] = [];
  for (let index = 0; index <= (options.alternateRoots ?? 0); index += 1) {
    roots.push(await waitFor(`${managementUrl}/roots/${index}`, place, child, output));
  }
  return {
    directoryUrl,
    managementUrl,
    rootPem: place.tls.rootPem,
    issuerRootsPem: roots.join(''),
    version: `pebble ${PEBBLE_VERSION}`,
    output,
    stop: () => stopChild(child, place.folder),
  };
}

/**
 * Starts Let's Encrypt's test CA on free ports of 127.0.0.1 and waits until it answers.
 * @throws PebbleMissingError when the program cannot be had; Error with its output when it does not start.
 */
export async function startPebble(options: PebbleOptions): Promise<Pebble> {
  const binary = await findPebble(options.env);
  const place = await makePlace(options);
  const child = launch(binary, options, place.folder);
  const printed: string[] = [];
  child.stdout?.on('data', (chunk: Buffer) => printed.push(chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => printed.push(chunk.toString()));
  try {
    return await connect(options, place, child, () => printed.join(''));
  } catch (error) {
    await stopChild(child, place.folder);
    throw error;
  }
}
