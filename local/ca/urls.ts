import type { Account, Authorization, Certificate, Challenge, Order } from './model.ts';
import type { Endpoint } from './wire.ts';

const FIXED: Readonly<Record<string, Endpoint>> = {
  '/directory': 'directory',
  '/acme/new-nonce': 'newNonce',
  '/acme/new-acct': 'newAccount',
  '/acme/new-order': 'newOrder',
  '/acme/key-change': 'keyChange',
  '/acme/revoke-cert': 'revokeCert',
};

const BELOW: Readonly<Record<string, Endpoint>> = {
  acct: 'account',
  orders: 'orders',
  order: 'order',
  finalize: 'finalize',
  authz: 'authorization',
  chall: 'challenge',
  cert: 'certificate',
  'renewal-info': 'renewalInfo',
};

export interface Route {
  readonly endpoint: Endpoint;
  /** What follows the resource's name in the path; empty for the fixed ones. */
  readonly id: string;
}

/** Which resource a path means; undefined when none. */
export function routeOf(path: string): Route | undefined {
  const fixed = FIXED[path];
  if (fixed) return { endpoint: fixed, id: '' };
  const [, kind, id] = /^\/acme\/([a-z-]+)\/(.+)$/.exec(path) ?? [];
  const endpoint = BELOW[kind ?? ''];
  return endpoint && id ? { endpoint, id } : undefined;
}

/** The CA's URLs. Clients take them from answers (RFC 8555 section 7.1), so nothing else depends on their form. */
export class Urls {
  readonly #origin: string;

  constructor(origin: string) {
    this.#origin = origin;
  }

  readonly at = (path: string): string => `${this.#origin}${path}`;
  readonly directory = (): string => this.at('/directory');
  readonly account = (account: Account): string => this.at(`/acme/acct/${account.id}`);
  readonly accountPrefix = (): string => this.at('/acme/acct/');
  readonly orders = (account: Account): string => this.at(`/acme/orders/${account.id}`);
  readonly order = (order: Order): string => this.at(`/acme/order/${order.id}`);
  readonly finalize = (order: Order): string => this.at(`/acme/finalize/${order.id}`);
  readonly authorization = (authorization: Authorization): string => this.at(`/acme/authz/${authorization.id}`);
  readonly challenge = (challenge: Challenge): string => this.at(`/acme/chall/${challenge.id}`);
  readonly certificate = (certificate: Certificate): string => this.at(`/acme/cert/${certificate.id}`);
  readonly renewalInfo = (): string => this.at('/acme/renewal-info');
}
