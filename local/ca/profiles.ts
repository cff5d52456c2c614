/** What an order for a profile may ask for and what its certificate looks like. Times in milliseconds. */
export interface CaProfile {
  /** Shown in the directory's `meta.profiles`. */
  readonly description: string;
  readonly lifetimeMs: number;
  readonly orderMs: number;
  readonly pendingAuthorizationMs: number;
  /** How long a validation may be reused. */
  readonly validAuthorizationMs: number;
  readonly maxNames: number;
  readonly identifierTypes: readonly string[];
  /** Subject CN, keyEncipherment for RSA keys, subjectKeyIdentifier. */
  readonly commonName: boolean;
  readonly keyEncipherment: boolean;
  readonly subjectKeyIdentifier: boolean;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Let's Encrypt's profiles of August 2026 (letsencrypt.org/docs/profiles). */
export const LETS_ENCRYPT_PROFILES: Readonly<Record<string, CaProfile>> = {
  classic: {
    description: 'The profile that orders get which name none: 90 days',
    lifetimeMs: 90 * DAY_MS,
    orderMs: 7 * DAY_MS,
    pendingAuthorizationMs: 7 * DAY_MS,
    validAuthorizationMs: 30 * DAY_MS,
    maxNames: 100,
    identifierTypes: ['dns'],
    commonName: true,
    keyEncipherment: true,
    subjectKeyIdentifier: true,
  },
  tlsserver: {
    description: 'Servers only, 45 days',
    lifetimeMs: 45 * DAY_MS,
    orderMs: 8 * HOUR_MS,
    pendingAuthorizationMs: HOUR_MS,
    validAuthorizationMs: 7 * HOUR_MS,
    maxNames: 25,
    identifierTypes: ['dns'],
    commonName: false,
    keyEncipherment: false,
    subjectKeyIdentifier: false,
  },
  shortlived: {
    description: 'Servers only, 160 hours, IP addresses too',
    lifetimeMs: 160 * HOUR_MS,
    orderMs: 8 * HOUR_MS,
    pendingAuthorizationMs: HOUR_MS,
    validAuthorizationMs: 7 * HOUR_MS,
    maxNames: 25,
    identifierTypes: ['dns', 'ip'],
    commonName: false,
    keyEncipherment: false,
    subjectKeyIdentifier: false,
  },
};
