import type { PublicJwk } from './jwk.ts';
import type { ChallengeType } from './options.ts';
import type { Identifier, ProblemDocument } from './problems.ts';

export interface Account {
  readonly id: string;
  key: PublicJwk;
  contact: readonly string[];
  status: 'valid' | 'deactivated' | 'revoked';
  /** Terms as agreed to, undefined when the CA had none. */
  terms: string | undefined;
  readonly externalAccountBinding?: object;
  readonly createdAt: number;
}

export interface Challenge {
  readonly id: string;
  readonly type: ChallengeType;
  readonly token: string;
  readonly authorization: Authorization;
  /** Outcome of the one attempt, known from `at` on. */
  outcome?: { readonly at: number; readonly problem?: ProblemDocument };
  /** Set when the challenge was answered; the outcome follows. */
  answeredAt?: number;
}

export interface Authorization {
  readonly id: string;
  readonly account: Account;
  /** Without the `*.` of a wildcard. */
  readonly identifier: Identifier;
  readonly wildcard: boolean;
  readonly challenges: Challenge[];
  readonly pendingUntil: number;
  /** How long the validation holds. */
  readonly validForMs: number;
  ended?: 'deactivated' | 'revoked';
}

export interface Order {
  readonly id: string;
  readonly account: Account;
  readonly identifiers: readonly Identifier[];
  readonly profile: string;
  readonly replaces?: string;
  readonly notBefore?: number;
  readonly notAfter?: number;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly authorizations: readonly Authorization[];
  /** When a finalize was taken on. */
  processingSince?: number;
  error?: ProblemDocument;
  certificate?: Certificate;
}

export interface Certificate {
  readonly id: string;
  readonly account: Account;
  readonly order: Order;
  /** Serial's DER content bytes, hex. */
  readonly serial: string;
  readonly certId: string;
  readonly der: Buffer;
  readonly notBefore: number;
  readonly notAfter: number;
  /** PEM chains: the default one, then the alternates. */
  readonly chains: readonly string[];
  readonly publicKeyThumbprint: string | undefined;
  readonly issuedAt: number;
  /** Shown from here on: the order is `processing` before. */
  readonly availableAt: number;
  revoked?: { readonly at: number; readonly reason: number };
  /** The order that replaces it (RFC 9773 section 5). */
  replacedBy?: Order;
}

/** Everything that the CA remembers. */
export interface Store {
  readonly accounts: Map<string, Account>;
  readonly accountsByKey: Map<string, Account>;
  readonly orders: Map<string, Order>;
  readonly authorizations: Map<string, Authorization>;
  readonly challenges: Map<string, Challenge>;
  readonly certificates: Map<string, Certificate>;
  readonly certificatesByCertId: Map<string, Certificate>;
  /** By base64url of the DER. */
  readonly certificatesByDer: Map<string, Certificate>;
  /** When a certificate for a set of names was last issued. */
  readonly issuedSets: Map<string, number>;
  /** Orders and authorizations by account: what reuse and the orders list go through. */
  readonly ordersOf: Map<string, Order[]>;
  readonly authorizationsOf: Map<string, Authorization[]>;
}

export function createStore(): Store {
  return {
    accounts: new Map(),
    accountsByKey: new Map(),
    orders: new Map(),
    authorizations: new Map(),
    challenges: new Map(),
    certificates: new Map(),
    certificatesByCertId: new Map(),
    certificatesByDer: new Map(),
    issuedSets: new Map(),
    ordersOf: new Map(),
    authorizationsOf: new Map(),
  };
}

/** Appends to the list under a key. */
export function append<Value>(lists: Map<string, Value[]>, key: string, value: Value): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
