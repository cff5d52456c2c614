import type { RenewalPolicy } from './declaration.ts';
import { emergencyAt } from './ladder.ts';
import type { RoleRow, VersionRow } from './rows.ts';

const TEN_DAYS_MS = 10 * 24 * 3_600_000;

/** Share of the lifetime over which renewals of one age are spread, so that a fleet never renews at one instant. */
const SPREAD_SHARE = 0.02;

/** Validity of a certificate, milliseconds since the epoch. */
export type Validity = { readonly notBefore: number; readonly notAfter: number };

/**
 * The instant at which renewal starts: a third of the lifetime before its end, half of it below 10 days (Let's Encrypt's
 * integration guide), or as configured; drawn once within 2 % of the lifetime before that.
 */
export function renewAtOf({ notBefore, notAfter }: Validity, policy: RenewalPolicy, random: () => number): number {
  const life = notAfter - notBefore;
  const share = policy.remainingShare ?? (life < TEN_DAYS_MS ? 1 / 2 : 1 / 3);
  return Math.round(notAfter - life * (share + SPREAD_SHARE * random()));
}

/** What the CA suggests: an instant, and whether it may put the renewal off or only bring it forward. */
export type Suggestion = { readonly at: number; readonly mayDelay: boolean };

/**
 * When a version is renewed: at the instant that the CA suggests, else by the default rule; always before the last twentieth
 * of the lifetime begins, whatever anybody suggests.
 */
export function renewalInstant(validity: Validity, defaultAt: number, suggestion: Suggestion | undefined): number {
  const latest = suggestion?.mayDelay ? latestAt(validity) : Math.min(defaultAt, latestAt(validity));
  return Math.min(suggestion?.at ?? defaultAt, latest);
}

/** Nothing puts a renewal off beyond this. */
function latestAt({ notBefore, notAfter }: Validity): number {
  return emergencyAt({ endsAt: notAfter, lifeMs: notAfter - notBefore });
}

/** Why a role needs a certificate now; undefined when it does not. The one decision function. */
export type RenewalReason = 'first' | 'changed' | 'due' | 'forced';

export function renewalReason(role: RoleRow, declarationHash: string, now: number): RenewalReason | undefined {
  if (role.version === undefined) return 'first';
  if (role.versionHash !== declarationHash) return 'changed';
  if (role.forced === true) return 'forced';
  if (role.renewAt === undefined || now >= role.renewAt) return 'due';
  const { notBefore, notAfter } = role;
  if (notBefore !== undefined && notAfter !== undefined && now >= latestAt({ notBefore, notAfter })) return 'due';
  return undefined;
}

/** Whether a stored version that was never promoted serves the role better than what it has, so that no order is needed. */
export function versionFits(
  version: VersionRow,
  role: RoleRow,
  declarationHash: string,
  renewal: RenewalPolicy,
  now: number,
): boolean {
  if (version.state !== 'stored' || version.hash !== declarationHash || version.sha256 === role.version) return false;
  const newer =
    role.notBefore === undefined || version.notBefore > role.notBefore || role.versionHash !== declarationHash;
  return newer && version.notBefore <= now && now < renewAtOf(version, renewal, () => 1);
}
