import type { CaSettings, CertificateDeclaration } from './declaration.ts';
import type { RoleRow } from './rows.ts';

/** After this many failures on the CA's side the next CA has its turn. */
const CA_SIDE_FAILURES = 3;

/**
 * The CA for the next order: the first that is not blocked. A CA on whose side things failed three times gives way; in an
 * emergency every CA that has refused or asked to wait does. Where all are blocked it is the one that failed least often, so
 * that each has its turn again.
 */
export function chooseCa(
  declaration: CertificateDeclaration,
  role: Pick<RoleRow, 'caFailures'>,
  emergency: boolean,
): CaSettings {
  const { cas } = declaration;
  const failures = ({ name }: CaSettings): number => role.caFailures?.[name]?.count ?? 0;
  const leastFailing = cas.reduce((best, ca) => (failures(ca) < failures(best) ? ca : best), cas[0]);
  return cas.find((ca) => !givesWay(ca, role, emergency)) ?? leastFailing;
}

/** Whether another CA could be tried in this one's place. */
export function hasAlternative(
  declaration: CertificateDeclaration,
  role: Pick<RoleRow, 'caFailures'>,
  failing: string,
  emergency: boolean,
): boolean {
  return declaration.cas.some((ca) => ca.name !== failing && !givesWay(ca, role, emergency));
}

function givesWay(ca: CaSettings, { caFailures }: Pick<RoleRow, 'caFailures'>, emergency: boolean): boolean {
  const failure = caFailures?.[ca.name];
  if (failure === undefined) return false;
  if (failure.class === 'caSide' || failure.class === 'transient')
    return failure.count >= CA_SIDE_FAILURES || emergency;
  return emergency;
}
