import type { CaSettings, CertificateDeclaration } from './declaration.ts';
import type { Urgency } from './ladder.ts';
import { isEmergency } from './ladder.ts';
import type { RoleRow } from './rows.ts';

/** After this many failures on the CA's side the next CA has its turn. */
const CA_SIDE_FAILURES = 3;

/** Where nothing is served yet, a CA that asks to wait longer than this gives way. Milliseconds. */
const LONGEST_FIRST_WAIT_MS = 24 * 3_600_000;

/** What the choice of a CA goes by. */
export type CaHistory = Urgency & { readonly caFailures?: RoleRow['caFailures'] | undefined };

/**
 * The CA for the next order: the first that is not blocked. A CA on whose side things failed three times gives way, and so
 * does one whose Retry-After ends too late for what is served, and, while nothing is served, one that waits for a person; in an emergency every CA that has refused or asked to wait
 * does. Where all are blocked it is the one that failed least often, so that each has its turn again.
 */
export function chooseCa(declaration: CertificateDeclaration, role: CaHistory, now: number): CaSettings {
  const { cas } = declaration;
  const failures = ({ name }: CaSettings): number => role.caFailures?.[name]?.count ?? 0;
  const leastFailing = cas.reduce((best, ca) => (failures(ca) < failures(best) ? ca : best), cas[0]);
  return cas.find((ca) => !givesWay(ca, role, now)) ?? leastFailing;
}

/** Whether another CA has its turn next, so that what this one asked for does not hold the certificate up. */
export function hasAlternative(
  declaration: CertificateDeclaration,
  role: CaHistory,
  failing: string,
  now: number,
): boolean {
  const own = declaration.cas.find(({ name }) => name === failing);
  if (own !== undefined && !givesWay(own, role, now)) return false;
  return declaration.cas.some((ca) => ca.name !== failing && !givesWay(ca, role, now));
}

function givesWay(ca: CaSettings, role: CaHistory, now: number): boolean {
  const failure = role.caFailures?.[ca.name];
  if (failure === undefined) return false;
  if (isEmergency(role, now)) return true;
  const { class: failureClass, count, retryAt } = failure;
  const isBlocked = retryAt !== undefined && retryAt > now;
  // With an instant: its silence has used up the day's orders.
  if (failureClass === 'caSide' || failureClass === 'transient') return count >= CA_SIDE_FAILURES || isBlocked;
  // Nothing is served yet, and only a person can mend this: the certificate need not wait for him.
  if (failureClass === 'person') return role.endsAt === undefined;
  return failureClass === 'later' && isBlocked && endsTooLate(retryAt, role, now);
}

/** Waiting so long would leave the last twentieth of the lifetime only, or keep a first certificate for days. */
function endsTooLate(retryAt: number, role: CaHistory, now: number): boolean {
  return role.endsAt === undefined ? retryAt - now > LONGEST_FIRST_WAIT_MS : isEmergency(role, retryAt);
}
