import type { CaLimits } from '../../lambdas/core/rate-limits.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Let's Encrypt, production. https://letsencrypt.org/docs/rate-limits/ */
export const LETSENCRYPT_LIMITS: CaLimits = {
  newOrdersPerAccount: { count: 300, windowMs: 3 * HOUR_MS },
  certificatesPerDomain: { count: 50, windowMs: 7 * DAY_MS },
  certificatesPerExactSet: { count: 5, windowMs: 7 * DAY_MS },
  failedAuthorizations: { count: 5, windowMs: HOUR_MS },
  consecutiveFailures: { count: 1152, windowMs: 1152 * DAY_MS },
  renewalMs: 120 * DAY_MS,
  ariExempt: true,
};

/**
 * Let's Encrypt, staging. Its limits on certificates, 30,000 a second and 30,000 a week, are out of reach.
 * https://letsencrypt.org/docs/staging-environment/
 */
export const LETSENCRYPT_STAGING_LIMITS: CaLimits = {
  newOrdersPerAccount: { count: 1500, windowMs: 3 * HOUR_MS },
  failedAuthorizations: { count: 200, windowMs: HOUR_MS },
  renewalMs: 120 * DAY_MS,
  ariExempt: true,
};
