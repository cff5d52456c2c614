import type { Problem } from '../core/problem.ts';
import { parseProblem } from '../core/problem.ts';
import { AcmeError } from './error.ts';
import type { Exchange } from './transport.ts';

/** An order as the CA shows it (RFC 8555 section 7.1.3). */
export type AcmeOrder = {
  readonly url: string;
  readonly status: string;
  /** Milliseconds since the epoch. */
  readonly expires?: number;
  readonly identifiers: readonly string[];
  readonly authorizations: readonly string[];
  readonly finalizeUrl: string;
  readonly certificateUrl?: string;
  readonly error?: Problem;
  /** Retry-After of the answer, milliseconds since the epoch. */
  readonly retryAt?: number;
  /** What the CA calls the request that showed it. */
  readonly requestId?: string;
};

/** A challenge of an authorization (RFC 8555 section 7.1.5). */
export type AcmeChallenge = {
  readonly type: string;
  readonly url: string;
  readonly status: string;
  readonly token: string;
  readonly error?: Problem;
  readonly requestId?: string;
};

/** An authorization (RFC 8555 section 7.1.4). */
export type AcmeAuthorization = {
  readonly url: string;
  readonly status: string;
  readonly domain: string;
  readonly wildcard: boolean;
  readonly challenges: readonly AcmeChallenge[];
  /** Milliseconds since the epoch. */
  readonly expires?: number;
  readonly requestId?: string;
};

/** Reads an order. Throws {@link AcmeError} where nothing could be done with it. */
export function parseOrder(body: unknown, url: string, exchange: Exchange): AcmeOrder {
  const order = fieldsOf(body);
  const { status, finalize, certificate } = order;
  if (typeof status !== 'string' || typeof finalize !== 'string' || typeof url !== 'string') throw unusable(exchange);
  const authorizations = listOf(order.authorizations).filter((entry) => typeof entry === 'string');
  // RFC 8555 section 7.1.3: both are required; nothing could be done with such an order.
  if (finalize === '' || (status === 'pending' && authorizations.length === 0)) throw unusable(exchange);
  return {
    url,
    status,
    finalizeUrl: finalize,
    identifiers: listOf(order.identifiers).map((identifier) => String(fieldsOf(identifier).value).toLowerCase()),
    authorizations,
    ...expiryIn(order, exchange),
    ...requestIdIn(exchange),
    ...(typeof certificate === 'string' ? { certificateUrl: certificate } : {}),
    ...(order.error === undefined ? {} : { error: parseProblem(order.error) }),
    ...(exchange.retryAt === undefined ? {} : { retryAt: exchange.retryAt }),
  };
}

/** Reads an authorization. Throws {@link AcmeError} where it is none. */
export function parseAuthorization(body: unknown, url: string, exchange: Exchange): AcmeAuthorization {
  const authorization = fieldsOf(body);
  const domain = fieldsOf(authorization.identifier).value;
  if (typeof authorization.status !== 'string' || typeof domain !== 'string') throw unusable(exchange);
  return {
    url,
    status: authorization.status,
    domain,
    wildcard: authorization.wildcard === true,
    challenges: listOf(authorization.challenges).map(parseChallenge),
    ...expiryIn(authorization, exchange),
    ...requestIdIn(exchange),
  };
}

/** `expires` as an instant on our clock; an RFC 3339 date, or it counts as absent. */
function expiryIn({ expires }: Record<string, unknown>, { clockAhead }: Exchange): { expires?: number } {
  const at = typeof expires === 'string' ? Date.parse(expires) - clockAhead : Number.NaN;
  return Number.isFinite(at) ? { expires: at } : {};
}

/** What the CA calls the request, where it says so. */
export function requestIdIn({ requestId }: Exchange): { requestId?: string } {
  return requestId === undefined ? {} : { requestId };
}

/** Reads a challenge. */
export function parseChallenge(body: unknown): AcmeChallenge {
  const challenge = fieldsOf(body);
  return {
    type: String(challenge.type),
    url: String(challenge.url),
    status: String(challenge.status),
    token: String(challenge.token ?? ''),
    ...(challenge.error === undefined ? {} : { error: parseProblem(challenge.error) }),
  };
}

function unusable({ request, status, ca }: Exchange): AcmeError {
  return new AcmeError({ request, status }, ca);
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
