/** Where real CAs do more, or other, than RFC 8555 says. Each is off by default: the CA then follows the RFC alone. */
export interface Habits {
  /** newOrder returns the account's pending or ready order for the same names and profile (201, same URL). */
  readonly reuseOrders: boolean;
  /** A new order takes over authorizations of the account that are valid. */
  readonly reuseValidAuthorizations: boolean;
  /** A new order takes over authorizations of the account that are pending. */
  readonly reusePendingAuthorizations: boolean;
  /** Expiry and authorizations are looked at even once the certificate is issued, so that a `valid` order can turn `invalid`. */
  readonly statusAtRead: boolean;
  /** GET and finalize of an expired order answer 404; else it reads `invalid`. */
  readonly forgetExpiredOrders: boolean;
  /** Another account's order answers 404; else 403. */
  readonly hideForeignOrders: boolean;
  /** Of two finalizes that both read `ready`, the later one puts serverInternal on the order, issued or not; else it is refused. */
  readonly doubleFinalizeDestroys: boolean;
  /** notBefore and notAfter in newOrder are refused. */
  readonly refuseDates: boolean;
  /** The account object has no `orders`. */
  readonly noOrdersList: boolean;
  /** A deactivated account is told 403; RFC 8555 section 7.3.6 says 401. */
  readonly deactivatedIsForbidden: boolean;
  /** Reasons a subscriber may give for a revocation; else all that RFC 5280 section 5.3.1 has, but removeFromCRL and aACompromise. */
  readonly revocationReasons?: readonly number[];
}

export const RFC_HABITS: Habits = {
  reuseOrders: false,
  reuseValidAuthorizations: false,
  reusePendingAuthorizations: false,
  statusAtRead: false,
  forgetExpiredOrders: false,
  hideForeignOrders: false,
  doubleFinalizeDestroys: false,
  refuseDates: false,
  noOrdersList: false,
  deactivatedIsForbidden: false,
};

/** Boulder as of August 2026, Let's Encrypt's server. */
export const BOULDER_HABITS: Habits = {
  reuseOrders: true,
  reuseValidAuthorizations: true,
  reusePendingAuthorizations: true,
  statusAtRead: true,
  forgetExpiredOrders: true,
  hideForeignOrders: true,
  doubleFinalizeDestroys: true,
  refuseDates: true,
  noOrdersList: true,
  deactivatedIsForbidden: true,
  revocationReasons: [0, 1, 4, 5],
};
