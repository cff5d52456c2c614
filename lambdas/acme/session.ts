import * as acme from 'acme-client';
import type { CaSettings } from '../core/declaration.ts';
import type { ExternalAccountKey } from '../core/external-account.ts';
import type { Clock } from '../core/ports.ts';
import type { AcmeRequest } from '../core/problem.ts';
import { listsProfile, renewalInfoUrlOf } from './directory.ts';
import type { HttpSend } from './http.ts';
import type { NoncePool } from './nonces.ts';
import { createNoncePool } from './nonces.ts';
import type { AcmeAuthorization, AcmeChallenge, AcmeOrder } from './objects.ts';
import { parseAuthorization, parseChallenge, parseOrder, requestIdIn } from './objects.ts';
import type { Exchange, KnownDirectory } from './transport.ts';
import { within } from './transport.ts';

/** One account's dealings with one CA, within one invocation. Every method is one request and throws {@link AcmeError}. */
export interface AcmeSession {
  /** newAccount (RFC 8555 section 7.3), bound to an external account where given (7.3.4): the account's URL, new or existing. */
  register(externalAccount?: ExternalAccountKey, terms?: RegistrationTerms): Promise<string>;
  /**
   * newOrder (RFC 8555 section 7.4); aborted at `sendBefore` if that is earlier than the session's deadline. `replaces` is the
   * certID of the certificate that it renews (RFC 9773 section 5). The account's profile is asked for unless `withoutProfile`.
   */
  newOrder(
    domains: readonly string[],
    sendBefore: number,
    replaces?: string,
    withoutProfile?: boolean,
  ): Promise<AcmeOrder>;
  /** Whether the directory lists a profile (draft-ietf-acme-profiles section 3); reads it if this session has not. */
  listsProfile(profile: string): Promise<boolean>;
  /** Whether the CA knows renewalInfo, and so `replaces`; reads the directory if this session has not. */
  listsRenewalInfo(): Promise<boolean>;
  order(url: string): Promise<AcmeOrder>;
  authorization(url: string): Promise<AcmeAuthorization>;
  /** The value of the TXT record (RFC 8555 section 8.4). */
  challengeValue(token: string): Promise<string>;
  /** Tells the CA that the challenge may be validated (RFC 8555 section 7.5.1): the challenge as it is then. */
  answerChallenge(url: string): Promise<AcmeChallenge>;
  /** Finalize (RFC 8555 section 7.4); aborted at `sendBefore` like newOrder. */
  finalize(
    order: { readonly url: string; readonly finalizeUrl: string },
    csrPem: string,
    sendBefore: number,
  ): Promise<AcmeOrder>;
  /** The chain, PEM, leaf first: the default one, or one that has the CA's preferred issuer. */
  certificate(url: string): Promise<string>;
  /** The account that this session speaks for. Throws before it is known. */
  accountUrl(): string;
  /** The directory object if this session has it. */
  directory(): Readonly<Record<string, unknown>> | undefined;
}

/** What else a registration says. */
export type RegistrationTerms = {
  /** The CA would not take the contacts: none are given. */
  readonly withoutContact?: boolean;
};

/** What a session needs to know of its account. */
export type SessionAccount = {
  readonly ca: CaSettings;
  /** PKCS#8 PEM. */
  readonly keyPem: string;
  readonly url?: string;
  readonly directory?: Readonly<Record<string, unknown>>;
};

/** Opens sessions; keeps the nonces of each directory from one invocation of this process to the next. */
export interface AcmeConnector {
  /** `deadline`: every request is aborted by then, milliseconds since the epoch. */
  open(account: SessionAccount, deadline: number): AcmeSession;
  /** Hands a nonce to the next step of a run, and takes it up there. */
  takeNonce(directoryUrl: string): string;
  giveNonce(directoryUrl: string, nonce: string): void;
}

/** The connector of this process. */
export function createAcmeConnector(send: HttpSend, clock: Clock): AcmeConnector {
  const pools = new Map<string, NoncePool>();
  const poolOf = (directoryUrl: string): NoncePool => {
    const pool = pools.get(directoryUrl) ?? createNoncePool();
    pools.set(directoryUrl, pool);
    return pool;
  };
  return {
    open: (account, deadline) =>
      openSession(account, { send, clock, deadline, nonces: poolOf(account.ca.directoryUrl) }),
    takeNonce: (directoryUrl) => poolOf(directoryUrl).take() ?? '',
    giveNonce: (directoryUrl, nonce) => poolOf(directoryUrl).give(nonce),
  };
}

type SessionParts = {
  readonly send: HttpSend;
  readonly clock: Clock;
  readonly deadline: number;
  readonly nonces: NoncePool;
};

function openSession(account: SessionAccount, parts: SessionParts): AcmeSession {
  const { ca } = account;
  let client = clientOf(account);
  const known: KnownDirectory = account.directory === undefined ? {} : { directory: account.directory };
  // An exchange of its own for each request: several may be under way.
  const run = async <T>(request: AcmeRequest, work: () => Promise<T>, sendBefore = parts.deadline) => {
    const exchange = newExchange(account, parts, known, request, Math.min(parts.deadline, sendBefore));
    return { body: await within(exchange, work), exchange };
  };
  const directoryOf = async (): Promise<KnownDirectory['directory']> => {
    // The library keeps the directory to itself; what is asked of it here is the cheapest thing that reads it.
    if (known.directory === undefined) await run('directory', () => client.getTermsOfServiceUrl());
    return known.directory;
  };
  return {
    register: async (externalAccount, { withoutContact = false } = {}) => {
      client = clientOf(account, externalAccount);
      return (await run('newAccount', () => register(client, withoutContact ? [] : ca.contact))).body;
    },
    newOrder: async (domains, sendBefore, replaces, withoutProfile = false) => {
      const { body, exchange } = await run(
        'newOrder',
        () => client.createOrder(orderRequest(domains, withoutProfile ? undefined : ca.profile, replaces)),
        sendBefore,
      );
      return parseOrder(body, body.url, exchange);
    },
    listsRenewalInfo: async () => renewalInfoUrlOf(await directoryOf()) !== undefined,
    listsProfile: async (profile) => listsProfile(await directoryOf(), profile),
    order: async (url) => {
      const { body, exchange } = await run('order', () => client.getOrder(orderAt(url)));
      return parseOrder(body, url, exchange);
    },
    authorization: async (url) => {
      const wanted = { ...orderAt(url), authorizations: [url] };
      const { body, exchange } = await run('authorization', () => client.getAuthorizations(wanted));
      return parseAuthorization(body[0], url, exchange);
    },
    challengeValue: (token) =>
      client.getChallengeKeyAuthorization({ type: 'dns-01', url: '', status: 'pending', token }),
    answerChallenge: async (url) => {
      const wanted = { type: 'dns-01', url, status: 'pending', token: '' } as const;
      const { body, exchange } = await run('challenge', () => client.completeChallenge(wanted));
      return { ...parseChallenge(body), ...requestIdIn(exchange) };
    },
    finalize: async (order, csrPem, sendBefore) => {
      const remote = { ...orderAt(order.url), finalize: order.finalizeUrl };
      const { body, exchange } = await run('finalize', () => client.finalizeOrder(remote, csrPem), sendBefore);
      return parseOrder(body, order.url, exchange);
    },
    certificate: async (url) => {
      const valid = { ...orderAt(url), status: 'valid' as const, certificate: url };
      return (await run('certificate', () => client.getCertificate(valid, ca.preferredIssuer))).body;
    },
    accountUrl: () => client.getAccountUrl(),
    directory: () => known.directory,
  };
}

function clientOf({ ca, keyPem, url }: SessionAccount, externalAccount?: ExternalAccountKey): acme.Client {
  return new acme.Client({
    directoryUrl: ca.directoryUrl,
    accountKey: keyPem,
    ...(url === undefined ? {} : { accountUrl: url }),
    ...(externalAccount === undefined
      ? {}
      : { externalAccountBinding: { kid: externalAccount.keyId, hmacKey: externalAccount.hmacKey } }),
  });
}

function newExchange(
  account: SessionAccount,
  parts: SessionParts,
  known: KnownDirectory,
  request: AcmeRequest,
  deadline: number,
): Exchange {
  return {
    ca: account.ca.name,
    directoryUrl: account.ca.directoryUrl,
    send: parts.send,
    nonces: parts.nonces,
    now: () => parts.clock.now(),
    deadline,
    known,
    request,
    badNonces: 0,
    clockAhead: 0,
    status: 0,
    ...(account.ca.rootsPem === undefined ? {} : { rootsPem: account.ca.rootsPem }),
    ...(account.ca.otherHosts === undefined ? {} : { otherHosts: account.ca.otherHosts }),
  };
}

async function register(client: acme.Client, contact: readonly string[]): Promise<string> {
  await client.createAccount({
    termsOfServiceAgreed: true,
    ...(contact.length > 0 ? { contact: [...contact] } : {}),
  });
  return client.getAccountUrl();
}

function orderRequest(
  domains: readonly string[],
  profile: string | undefined,
  replaces: string | undefined,
): { identifiers: { type: string; value: string }[]; profile?: string; replaces?: string } {
  const identifiers = domains.map((value) => ({ type: 'dns', value }));
  // `profile` is of the profiles draft, `replaces` of RFC 9773; acme-client sends fields it does not know as they are.
  return {
    identifiers,
    ...(profile === undefined ? {} : { profile }),
    ...(replaces === undefined ? {} : { replaces }),
  };
}

/** The library asks for whole orders where it only reads their URL. */
function orderAt(url: string): acme.Order {
  return { url, status: 'pending', identifiers: [], authorizations: [], finalize: '' };
}
