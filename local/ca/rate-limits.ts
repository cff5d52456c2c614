import type { CaClock } from './clock.ts';
import type { JournalKeeper } from './journal.ts';
import { AcmeProblem } from './problems.ts';
import { type Bucket, Buckets } from './token-buckets.ts';
import type { Endpoint } from './wire.ts';

/** A token bucket: `count` at once, refilled evenly, full again after `windowMs`. */
export interface Limit {
  readonly count: number;
  readonly windowMs: number;
}

/** Requests of one address to one endpoint: `burst` at once, `rate` a second. */
export interface RequestLimit {
  readonly rate: number;
  readonly burst: number;
}

/** The limits in force; one left out does not exist. Meanings as at letsencrypt.org/docs/rate-limits. */
export interface RateLimitOptions {
  readonly newAccountsPerAddress?: Limit;
  readonly newOrdersPerAccount?: Limit;
  readonly certificatesPerDomain?: Limit;
  readonly certificatesPerExactSet?: Limit;
  /** Per identifier and account. */
  readonly failedAuthorizations?: Limit;
  /** Per identifier and account; a success refills it, emptying it pauses the pair until a person lifts that. */
  readonly consecutiveFailures?: Limit;
  readonly requests?: Partial<Record<Endpoint, RequestLimit>>;
}

export type LimitName = Exclude<keyof RateLimitOptions, 'requests'>;

const HOUR_MS = 3_600_000;
const WEEK_MS = 168 * HOUR_MS;

function requestLimits(figures: Readonly<Record<string, readonly [rate: number, burst: number]>>, other: RequestLimit) {
  const paths: readonly Endpoint[] = [
    'account',
    'orders',
    'keyChange',
    'order',
    'finalize',
    'authorization',
    'challenge',
    'certificate',
  ];
  const named = Object.entries(figures).map(([endpoint, [rate, burst]]) => [endpoint, { rate, burst }]);
  return Object.fromEntries([...paths.map((path) => [path, other]), ...named]) as Partial<
    Record<Endpoint, RequestLimit>
  >;
}

/** Let's Encrypt, production, page of 2026-08-05. */
export const LETS_ENCRYPT_LIMITS: RateLimitOptions = {
  newAccountsPerAddress: { count: 10, windowMs: 3 * HOUR_MS },
  newOrdersPerAccount: { count: 300, windowMs: 3 * HOUR_MS },
  certificatesPerDomain: { count: 50, windowMs: WEEK_MS },
  certificatesPerExactSet: { count: 5, windowMs: WEEK_MS },
  failedAuthorizations: { count: 5, windowMs: HOUR_MS },
  consecutiveFailures: { count: 1152, windowMs: 1152 * 24 * HOUR_MS },
  requests: requestLimits(
    {
      newNonce: [20, 10],
      newAccount: [5, 15],
      newOrder: [300, 200],
      revokeCert: [10, 100],
      renewalInfo: [1000, 100],
      directory: [40, 40],
    },
    { rate: 250, burst: 125 },
  ),
};

/** Let's Encrypt, staging. */
export const LETS_ENCRYPT_STAGING_LIMITS: RateLimitOptions = {
  newOrdersPerAccount: { count: 1500, windowMs: 3 * HOUR_MS },
  certificatesPerDomain: { count: 30_000, windowMs: 1000 },
  certificatesPerExactSet: { count: 30_000, windowMs: WEEK_MS },
  failedAuthorizations: { count: 200, windowMs: HOUR_MS },
};

/** One bucket to look at: `cost` 0 asks whether one more would fit and takes nothing. */
export interface Charge {
  readonly limit: LimitName;
  readonly scope: string;
  readonly cost: 0 | 1;
}

export interface RateLimits {
  /** Takes from all buckets or, when one is empty, from none. @throws AcmeProblem rateLimited, with Retry-After. */
  charge(charges: readonly Charge[], account?: string): void;
  /** For what has already happened: takes what is there. True when the bucket is empty now. */
  spend(limit: LimitName, scope: string): boolean;
  refill(limit: LimitName, scope: string): void;
  /** @throws AcmeProblem 503 with Retry-After when the address asks too often. */
  admit(endpoint: Endpoint, address: string): void;
}

const DOCS = 'https://letsencrypt.org/docs/rate-limits/';

/** As Boulder words them. */
const WORDING: Readonly<Record<LimitName, (count: number, window: string, name: string) => string>> = {
  newAccountsPerAddress: (count, window) => `too many new registrations (${count}) from this IP address ${window}`,
  newOrdersPerAccount: (count, window) => `too many new orders (${count}) from this account ${window}`,
  certificatesPerDomain: (count, window, name) =>
    `too many certificates (${count}) already issued for "${name}" ${window}`,
  certificatesPerExactSet: (count, window) =>
    `too many certificates (${count}) already issued for this exact set of identifiers ${window}`,
  failedAuthorizations: (count, window, name) => `too many failed authorizations (${count}) for "${name}" ${window}`,
  consecutiveFailures: (count, window, name) => `too many consecutive failures (${count}) for "${name}" ${window}`,
};

/** The scope without the account that it may begin with. */
function nameIn({ scope }: Charge): string {
  return scope.slice(scope.indexOf(' ') + 1);
}

function refusal(charge: Charge, limit: Limit, waitMs: number, now: number): AcmeProblem {
  const until = new Date(now + waitMs).toISOString().replace('T', ' ').slice(0, 19);
  const window = `in the last ${limit.windowMs / HOUR_MS}h0m0s`;
  const detail = `${WORDING[charge.limit](limit.count, window, nameIn(charge))}, retry after ${until} UTC: see ${DOCS}`;
  return new AcmeProblem('rateLimited', detail, { headers: { 'Retry-After': String(Math.ceil(waitMs / 1000)) } });
}

function busy(endpoint: Endpoint, waitMs: number): AcmeProblem {
  return new AcmeProblem('rateLimited', `Service busy; too many requests to ${endpoint}; retry later`, {
    status: 503,
    headers: { 'Retry-After': String(Math.max(1, Math.ceil(waitMs / 1000))) },
  });
}

interface Found {
  readonly charge: Charge;
  readonly limit: Limit;
  readonly bucket: Bucket;
  readonly key: string;
  readonly waitMs: number;
}

class BucketLimits implements RateLimits {
  readonly #clock: CaClock;
  readonly #options: RateLimitOptions;
  readonly #journal: JournalKeeper;
  readonly #buckets: Buckets;

  constructor(clock: CaClock, options: RateLimitOptions, journal: JournalKeeper) {
    this.#clock = clock;
    this.#options = options;
    this.#journal = journal;
    this.#buckets = new Buckets(clock);
  }

  charge(charges: readonly Charge[], account?: string): void {
    const found = charges.flatMap((charge) => this.#find(charge) ?? []);
    // The one that is free again last is named: to wait for an earlier one would be in vain.
    const worst = found.toSorted((one, other) => other.waitMs - one.waitMs)[0];
    if (worst && worst.waitMs > 0) {
      this.#note(worst.charge.limit, worst.charge.scope, account);
      throw refusal(worst.charge, worst.limit, worst.waitMs, this.#clock.now());
    }
    for (const { charge, key, bucket } of found) if (charge.cost === 1) this.#buckets.take(key, bucket);
  }

  spend(limit: LimitName, scope: string): boolean {
    const found = this.#find({ limit, scope, cost: 1 });
    if (!found) return false;
    if (found.waitMs <= 0) this.#buckets.take(found.key, found.bucket);
    return this.#buckets.wait(found.key, found.bucket) > 0;
  }

  refill(limit: LimitName, scope: string): void {
    this.#buckets.fill(`${limit} ${scope}`);
  }

  admit(endpoint: Endpoint, address: string): void {
    const limit = this.#options.requests?.[endpoint];
    if (!limit) return;
    const key = `${endpoint} ${address}`;
    const bucket = { count: limit.burst, stepMs: 1000 / limit.rate };
    const waitMs = this.#buckets.wait(key, bucket);
    if (waitMs > 0) {
      this.#note(`requests to ${endpoint}`, address);
      throw busy(endpoint, waitMs);
    }
    this.#buckets.take(key, bucket);
  }

  #find(charge: Charge): Found | undefined {
    const limit = this.#options[charge.limit];
    if (!limit) return undefined;
    const bucket = { count: limit.count, stepMs: limit.windowMs / limit.count };
    const key = `${charge.limit} ${charge.scope}`;
    return { charge, limit, bucket, key, waitMs: this.#buckets.wait(key, bucket) };
  }

  #note(limit: string, scope: string, account?: string): void {
    this.#journal.limited.push({ at: this.#clock.now(), limit, scope, ...(account === undefined ? {} : { account }) });
  }
}

/** The CA's limits; all buckets are full at the start. */
export function createRateLimits(clock: CaClock, options: RateLimitOptions, journal: JournalKeeper): RateLimits {
  return new BucketLimits(clock, options, journal);
}
