import type { TargetRow, VersionRow } from '../core/rows.ts';
import { listTargets, readTarget } from '../store/certificates.ts';
import { makeDueNow } from '../store/due-rows.ts';
import type { BasePorts } from './ports.ts';

/** Where the ARN that a target binds comes from; `elsewhere` binds none of ours. */
export type BoundCertificate =
  | { readonly kind: 'elsewhere' }
  | { readonly kind: 'ready'; readonly arn: string }
  | { readonly kind: 'awaited' };

/** The ARN that holds the version for a target that binds one: that of the ACM target it names, once that has the version. */
export async function boundCertificate(
  { table }: Pick<BasePorts, 'table'>,
  { certificate, target }: TargetRow,
  { sha256 }: VersionRow,
): Promise<BoundCertificate> {
  if (!('acm' in target)) return { kind: 'elsewhere' };
  const holder = await readTarget(table, certificate, target.acm);
  if (holder?.pushed !== sha256 || holder.remoteId === undefined) return { kind: 'awaited' };
  return { kind: 'ready', arn: holder.remoteId };
}

/** Those that bind the ARN of this target have waited for it. */
export async function hurryBound({ table }: Pick<BasePorts, 'table'>, holder: TargetRow, now: number): Promise<void> {
  if (holder.target.kind !== 'acm') return;
  for (const row of await listTargets(table, holder.certificate)) {
    const binds = 'acm' in row.target && row.target.acm === holder.target.id;
    if (binds && row.retired !== true && row.pushed !== row.desired && row.failure === undefined)
      await makeDueNow(table, row, now);
  }
}
