import { setTimeout as pause } from 'node:timers/promises';
import type { CaClock } from './clock.ts';
import { type Habits, RFC_HABITS } from './habits.ts';
import { type CaProfile, LETS_ENCRYPT_PROFILES } from './profiles.ts';
import type { RateLimitOptions } from './rate-limits.ts';
import type { Lookup } from './resolver.ts';

export const CHALLENGE_TYPES = ['dns-01', 'http-01', 'dns-account-01', 'dns-persist-01'] as const;
export type ChallengeType = (typeof CHALLENGE_TYPES)[number];

/** How finalize answers: `valid` at once, or `processing` until `processingMs` of the injected clock have passed. */
export interface FinalizeOptions {
  readonly processingMs: number;
  /** Between reading the order as `ready` and taking it on, waited by `sleep`: the gap in which two finalizes race. Default 0. */
  readonly acceptMs: number;
  /** Whether the answer carries Location; RFC 8555 section 7.4 does not ask for it. */
  readonly location: boolean;
}

/** Retry-After, in seconds; 0 sends none. */
export interface RetryAfterOptions {
  readonly order: number;
  readonly authorization: number;
  readonly renewalInfo: number;
  /** RFC 9110 section 10.2.3 has both; `either` draws one each time. */
  readonly form: 'seconds' | 'date' | 'either';
}

/** External accounts: key identifier to base64url MAC key (RFC 8555 section 7.3.4). */
export interface ExternalAccountOptions {
  readonly required: boolean;
  readonly keys: Readonly<Record<string, string>>;
}

/** Everything that a CA can be told. All of it is optional. */
export interface CaOptions {
  /** Resolver for validation and CAA, `ip:port` or in process. Without it every look-up fails with problem type `dns`. */
  readonly resolver?: string | Lookup;
  readonly now?: () => number;
  readonly random?: () => number;
  /** How the `delay` fault waits. Default: real time. */
  readonly sleep?: (ms: number) => Promise<void>;
  /** Port to listen on at 127.0.0.1. Default 0, a free one. `false`: no socket, only {@link Ca.handle}. */
  readonly port?: number | false;
  /** Origin of all URLs. Default: the listener's, or `https://ca.localhost` without one. */
  readonly origin?: string;
  readonly habits?: Partial<Habits>;
  readonly finalize?: Partial<FinalizeOptions>;
  readonly retryAfter?: Partial<RetryAfterOptions>;
  readonly limits?: RateLimitOptions;
  readonly profiles?: Readonly<Record<string, CaProfile>>;
  /** Profile of an order that names none. Default: the first of `profiles`. */
  readonly defaultProfile?: string;
  /** Types offered; wildcards get the dns ones only. Default `dns-01` and `http-01`. */
  readonly challenges?: readonly ChallengeType[];
  /** A validation is over this many milliseconds of the injected clock after the challenge was answered. Default 0. */
  readonly validationMs?: number;
  /** Port that http-01 asks. Default 80. */
  readonly httpPort?: number;
  /** Whether CAA is looked up (RFC 8659). Default true. */
  readonly checkCaa?: boolean;
  /** Issuer domains for CAA and dns-persist-01. Default `ca.localhost`. */
  readonly caaIdentities?: readonly string[];
  readonly externalAccounts?: ExternalAccountOptions;
  /** Default: a data URL. `null`: the CA has no terms. */
  readonly termsOfService?: string | null;
  /** Names, and all below them, refused with `rejectedIdentifier`. */
  readonly blockedNames?: readonly string[];
  /** Suffixes under which names are registered, besides top-level domains: for the limit per registered domain. */
  readonly publicSuffixes?: readonly string[];
  /** Alternate chains: more roots that certify the same intermediates. Default 1. */
  readonly alternateChains?: number;
  /** Whether the directory has renewalInfo. Default true. */
  readonly renewalInfo?: boolean;
  /** Nonces are refused after this long. Default 15 minutes. */
  readonly nonceMs?: number;
  readonly maxContacts?: number;
  /** Name in issuer subjects. Default `Perennial local CA`. */
  readonly name?: string;
}

type Plain = Omit<CaOptions, 'habits' | 'finalize' | 'retryAfter' | 'resolver' | 'defaultProfile' | HostOption>;
type HostOption = 'port' | 'origin' | 'now' | 'random' | 'sleep';

/** The options with their defaults filled in. */
export interface Settings extends Required<Plain> {
  readonly resolver: string | Lookup | undefined;
  readonly defaultProfile: string;
  readonly habits: Habits;
  readonly finalize: FinalizeOptions;
  readonly retryAfter: RetryAfterOptions;
}

const DEFAULTS: Required<Plain> = {
  limits: {},
  profiles: LETS_ENCRYPT_PROFILES,
  challenges: ['dns-01', 'http-01'],
  validationMs: 0,
  httpPort: 80,
  checkCaa: true,
  caaIdentities: ['ca.localhost'],
  externalAccounts: { required: false, keys: {} },
  termsOfService: 'data:text/plain,For%20tests%20only.%20Nobody%20trusts%20these%20certificates.',
  blockedNames: [],
  publicSuffixes: [],
  alternateChains: 1,
  renewalInfo: true,
  nonceMs: 15 * 60_000,
  maxContacts: 10,
  name: 'Perennial local CA',
};

/** Fills in the defaults. @throws Error when `defaultProfile` is none of `profiles`. */
export function settingsOf(options: CaOptions): Settings {
  const plain = { ...DEFAULTS, ...options };
  const names = Object.keys(plain.profiles);
  const defaultProfile = options.defaultProfile ?? names[0] ?? '';
  if (!names.includes(defaultProfile)) {
    throw new Error(`defaultProfile is "${defaultProfile}"; name one of: ${names.join(', ')}`);
  }
  return {
    ...plain,
    defaultProfile,
    resolver: options.resolver,
    habits: { ...RFC_HABITS, ...options.habits },
    finalize: { processingMs: 0, acceptMs: 0, location: true, ...options.finalize },
    retryAfter: { order: 3, authorization: 0, renewalInfo: 21_600, form: 'seconds', ...options.retryAfter },
  };
}

async function sleepReally(ms: number): Promise<void> {
  await pause(ms);
}

export function clockOf(options: CaOptions): CaClock {
  return { now: options.now ?? Date.now, random: options.random ?? Math.random, sleep: options.sleep ?? sleepReally };
}
