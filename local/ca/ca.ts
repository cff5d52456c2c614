import { type CaClock, createTokens } from './clock.ts';
import { type CaControl, createControl } from './control.ts';
import { createFaults, type Faults } from './faults.ts';
import { createIssuer, type RevokedSerial } from './issuer.ts';
import { createJournal, type Journal } from './journal.ts';
import { makeListenerCertificate } from './listener-certificate.ts';
import { createStore } from './model.ts';
import { createNonces } from './nonces.ts';
import { type CaOptions, clockOf, type Settings, settingsOf } from './options.ts';
import { CaDisconnect, type Outcome } from './outcome.ts';
import { createRateLimits } from './rate-limits.ts';
import { createLookup } from './resolver.ts';
import { route } from './router.ts';
import { type Listener, startListener } from './server.ts';
import { Urls } from './urls.ts';
import type { CaAnswer, CaRequest } from './wire.ts';
import type { World } from './world.ts';

/** A running CA. */
export interface Ca {
  readonly directoryUrl: string;
  /** Root of its HTTPS listener: what a client must trust to talk to it. Empty without a listener. */
  readonly rootPem: string;
  /** Roots of the certificates it issues, PEM: the default one, then the alternates. */
  readonly issuerRootsPem: string;
  readonly version: string;
  /**
   * The CA without sockets, for suites in virtual time.
   * @throws CaDisconnect where a fault breaks the connection; never settles where one leaves it silent.
   */
  handle(request: CaRequest): Promise<CaAnswer>;
  /** The revocation list at a URL that a leaf names, DER; undefined where there is none. Not served over HTTP. */
  revocationList(url: string): Promise<Uint8Array | undefined>;
  readonly journal: Journal;
  readonly faults: Faults;
  readonly control: CaControl;
  stop(): Promise<void>;
}

const PORTLESS_ORIGIN = 'https://ca.localhost';

async function createWorld(settings: Settings, clock: CaClock, origin: string): Promise<World> {
  const token = createTokens(clock);
  const journal = createJournal();
  return {
    settings,
    clock,
    token,
    journal,
    store: createStore(),
    nonces: createNonces(clock, token, settings.nonceMs),
    limits: createRateLimits(clock, settings.limits, journal),
    issuer: await createIssuer(clock, settings.name, settings.alternateChains, origin),
    lookup: typeof settings.resolver === 'object' ? settings.resolver : createLookup(settings.resolver),
    urls: new Urls(origin),
    terms: settings.termsOfService ?? undefined,
    paused: new Set(),
    renewalInfo: new Map(),
  };
}

async function settle(outcome: Outcome): Promise<CaAnswer> {
  if (outcome.kind === 'answer') return outcome.answer;
  if (outcome.kind === 'disconnect') throw new CaDisconnect(outcome.code);
  return new Promise(() => undefined);
}

function revokedOf({ store }: World): readonly RevokedSerial[] {
  return [...store.certificatesByDer.values()].flatMap(({ serial, revoked }) =>
    revoked ? [{ serial, ...revoked }] : [],
  );
}

interface Door {
  readonly rootPem: string;
  readonly origin: string;
  readonly listener?: Listener;
}

// The listener comes before the world, whose URLs need its port; nobody knows the port until startCa resolves.
async function openDoor(options: CaOptions, handle: (request: CaRequest) => Promise<Outcome>): Promise<Door> {
  if (options.port === false) return { rootPem: '', origin: options.origin ?? PORTLESS_ORIGIN };
  const tls = await makeListenerCertificate();
  const listener = await startListener(options.port ?? 0, tls, handle);
  return { rootPem: tls.rootPem, origin: options.origin ?? listener.origin, listener };
}

/**
 * Starts a CA: RFC 8555 and RFC 9773, strict, in this process.
 * @throws Error when the port is taken or an option contradicts another.
 */
export async function startCa(options: CaOptions = {}): Promise<Ca> {
  const settings = settingsOf(options);
  const clock = clockOf(options);
  const faults = createFaults(clock);
  const opened = Promise.withResolvers<World>();
  const take = async (request: CaRequest) => route(await opened.promise, faults, request);
  const door = await openDoor(options, take);
  const world = await createWorld(settings, clock, door.origin);
  opened.resolve(world);
  return {
    directoryUrl: world.urls.directory(),
    rootPem: door.rootPem,
    issuerRootsPem: world.issuer.rootPems.join(''),
    version: 'perennial local ca',
    handle: async (request) => settle(await take(request)),
    revocationList: (url) => world.issuer.revocationList(url, revokedOf(world)),
    journal: world.journal,
    faults,
    control: createControl(world),
    stop: async () => door.listener?.stop(),
  };
}
