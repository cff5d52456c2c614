import type { TargetRow, VersionRow } from '../core/rows.ts';
import { listVersions, readRole, readTarget, setRolledBack } from '../store/certificates.ts';
import type { BasePorts } from './ports.ts';

/** Nothing can be rolled back, and why. */
export class RollbackError extends Error {
  override readonly name = 'RollbackError';
}

/**
 * Makes a target want the version before the present one, or the one that is named, and due now. It stays there until the
 * certificate gets a new version: neither a sweep nor a re-proof undoes it. Throws {@link RollbackError}.
 *
 * @param sha256 SHA-256 of the leaf that is wanted; default: the newest earlier version that is still valid.
 */
export async function rollBack(
  { table, clock }: Pick<BasePorts, 'table' | 'clock'>,
  name: string,
  targetId: string,
  sha256?: string,
): Promise<TargetRow> {
  const target = await readTarget(table, name, targetId);
  if (target === undefined || target.retired === true)
    throw new RollbackError(`the certificate "${name}" has no target "${targetId}"`);
  const role = await readRole(table, name);
  if (role?.version === undefined) throw new RollbackError(`the certificate "${name}" has not been issued yet`);
  const now = clock.now();
  const wanted = chosen(await listVersions(table, name), role.version, now, sha256);
  if (wanted === undefined)
    throw new RollbackError(`the certificate "${name}" has no ${sha256 ?? 'earlier version'} that is valid now`);
  const changed = await setRolledBack(table, target, { version: wanted.sha256, from: role.version, at: now });
  if (changed === undefined)
    throw new RollbackError(`the target "${targetId}" of "${name}" was changed meanwhile; look at it and try again`);
  return changed;
}

function chosen(
  versions: readonly VersionRow[],
  present: string,
  now: number,
  sha256: string | undefined,
): VersionRow | undefined {
  const valid = versions.filter(
    ({ state, notBefore, notAfter, ...version }) =>
      state === 'stored' && version.sha256 !== present && notBefore <= now && now < notAfter,
  );
  if (sha256 !== undefined) return valid.find((version) => version.sha256 === sha256);
  return [...valid].sort((a, b) => b.notBefore - a.notBefore)[0];
}
