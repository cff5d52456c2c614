import type { CaClock, Tokens } from './clock.ts';
import type { Issuer } from './issuer.ts';
import type { JournalEntry, JournalKeeper } from './journal.ts';
import type { Store } from './model.ts';
import type { Nonces } from './nonces.ts';
import type { Settings } from './options.ts';
import type { ProblemDocument } from './problems.ts';
import type { RateLimits } from './rate-limits.ts';
import type { RenewalInfoOverride } from './renewal-window.ts';
import type { Lookup } from './resolver.ts';
import type { Urls } from './urls.ts';
import type { CaRequest, Endpoint } from './wire.ts';

/** One CA: its settings, what it remembers and what it works with. */
export interface World {
  readonly settings: Settings;
  readonly clock: CaClock;
  readonly token: Tokens;
  readonly store: Store;
  readonly nonces: Nonces;
  readonly journal: JournalKeeper;
  readonly limits: RateLimits;
  readonly issuer: Issuer;
  readonly lookup: Lookup;
  readonly urls: Urls;
  /** Terms now in force; undefined: none. */
  terms: string | undefined;
  /** Paused pairs of account id and name. */
  readonly paused: Set<string>;
  /** ARI answers set by hand, by certID. */
  readonly renewalInfo: Map<string, RenewalInfoOverride>;
}

/** One request on its way through the CA. */
export interface Call {
  readonly request: CaRequest;
  readonly endpoint: Endpoint;
  readonly id: string;
  /** What the JWS header's `url` must be. */
  readonly url: string;
  readonly entry: JournalEntry;
  /** Set by faults: a good nonce is refused; a finalize ends in this error. */
  readonly refuseNonce: boolean;
  readonly failOrder?: ProblemDocument;
}
