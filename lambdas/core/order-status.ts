/** Order states (RFC 8555 section 7.1.6). */
export const ORDER_STATUSES = ['pending', 'ready', 'processing', 'valid', 'invalid'] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

/** Authorization states (RFC 8555 section 7.1.6). */
export const AUTHORIZATION_STATUSES = ['pending', 'valid', 'invalid', 'deactivated', 'expired', 'revoked'] as const;
export type AuthorizationStatus = (typeof AUTHORIZATION_STATUSES)[number];

/** Challenge states (RFC 8555 section 7.1.6). */
export const CHALLENGE_STATUSES = ['pending', 'processing', 'valid', 'invalid'] as const;
export type ChallengeStatus = (typeof CHALLENGE_STATUSES)[number];

/** What has a status at the CA. */
export type RemoteKind = 'order' | 'authorization' | 'challenge';

/**
 * For each state the ones it may be seen in next, states in between possibly unseen (RFC 8555 section 7.1.6). `valid` to
 * `invalid` happens to orders where the status is computed at each read and the order has expired. A pending authorization may
 * become valid and expire, or be revoked, between two looks.
 */
const ALLOWED: {
  readonly order: Readonly<Record<OrderStatus, readonly OrderStatus[]>>;
  readonly authorization: Readonly<Record<AuthorizationStatus, readonly AuthorizationStatus[]>>;
  readonly challenge: Readonly<Record<ChallengeStatus, readonly ChallengeStatus[]>>;
} = {
  order: {
    pending: ['pending', 'ready', 'processing', 'valid', 'invalid'],
    ready: ['ready', 'processing', 'valid', 'invalid'],
    processing: ['processing', 'valid', 'invalid'],
    valid: ['valid', 'invalid'],
    invalid: ['invalid'],
  },
  authorization: {
    pending: ['pending', 'valid', 'invalid', 'deactivated', 'expired', 'revoked'],
    valid: ['valid', 'deactivated', 'expired', 'revoked'],
    invalid: ['invalid'],
    deactivated: ['deactivated'],
    expired: ['expired'],
    revoked: ['revoked'],
  },
  challenge: {
    pending: ['pending', 'processing', 'valid', 'invalid'],
    processing: ['processing', 'valid', 'invalid'],
    valid: ['valid'],
    invalid: ['invalid'],
  },
};

/**
 * What a look at a status tells: the `first` one, the `same` again, an `allowed` step, an `impossible` one (read again, never
 * acted on), or one that the program does not know (`unknown`: not yet, until the order expires).
 */
export type Transition = 'first' | 'same' | 'allowed' | 'impossible' | 'unknown';

/** Judges what was seen by what was seen before. Pure; the one use of the table above. */
export function judgeTransition(kind: RemoteKind, from: string | undefined, to: string): Transition {
  const table = new Map<string, readonly string[]>(Object.entries(ALLOWED[kind]));
  if (!table.has(to)) return 'unknown';
  const next = from === undefined ? undefined : table.get(from);
  if (next === undefined) return 'first';
  if (from === to) return 'same';
  return next.includes(to) ? 'allowed' : 'impossible';
}

/** A status the program does not know is "not yet": it is read again until the order expires. */
export function knownOrderStatus(status: string): OrderStatus | undefined {
  return ORDER_STATUSES.find((known) => known === status);
}

/** As {@link knownOrderStatus}, for authorizations. */
export function knownAuthorizationStatus(status: string): AuthorizationStatus | undefined {
  return AUTHORIZATION_STATUSES.find((known) => known === status);
}
