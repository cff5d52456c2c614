/** A suggested window, milliseconds since the epoch. */
export interface RenewalWindow {
  readonly start: number;
  readonly end: number;
}

/** What the CA shall say about a certificate instead of what it works out; `body` is sent as it is, JSON or not. */
export interface RenewalInfoOverride {
  readonly window?: RenewalWindow;
  readonly explanationURL?: string;
  readonly retryAfterSeconds?: number;
  readonly body?: string;
}

interface Lifetime {
  readonly notBefore: number;
  readonly notAfter: number;
  readonly revoked?: { readonly at: number };
}

const HOUR_MS = 3_600_000;
const SHORT_MS = 10 * 24 * HOUR_MS;

/**
 * The window as Let's Encrypt sets it: 2 % of the lifetime, centred on two thirds of it, or on half of it below ten days.
 * A revoked certificate's window is past: from 1 h to 30 min before the revocation, so that it does not move with each read.
 */
export function suggestedWindow(certificate: Lifetime): RenewalWindow {
  if (certificate.revoked) {
    return { start: certificate.revoked.at - HOUR_MS, end: certificate.revoked.at - HOUR_MS / 2 };
  }
  const lifetime = certificate.notAfter - certificate.notBefore;
  const centre = certificate.notBefore + (lifetime < SHORT_MS ? lifetime / 2 : (lifetime * 2) / 3);
  return { start: centre - lifetime / 100, end: centre + lifetime / 100 };
}
