import type { Construct } from 'constructs';
import type { TargetDeclaration, TargetKind, TargetOf } from '../../lambdas/core/target-declaration.ts';
import { TARGET_FAMILIES, type TargetFamily } from '../../lambdas/core/target-family.ts';
import { type Grant, grant } from '../grant.ts';
import { TARGET_DESCRIPTORS } from './registry.ts';

/**
 * What a family's Lambda may do to the targets that are declared: their own actions in this account, and the roles of those in
 * others, of which this account's policy says no more.
 */
export function targetGrants(
  scope: Construct,
  family: TargetFamily,
  targets: readonly TargetDeclaration[],
): readonly Grant[] {
  const own = TARGET_DESCRIPTORS.filter(({ kind }) => TARGET_FAMILIES[kind] === family);
  const roles = new Set(
    targets.flatMap((target) =>
      TARGET_FAMILIES[target.kind] === family && 'role' in target && target.role !== undefined
        ? [target.role.roleArn]
        : [],
    ),
  );
  return [
    ...own.flatMap((descriptor) => descriptor.grants(scope, ofKind(targets, descriptor.kind))),
    ...(roles.size > 0 ? [grant('sts', ['AssumeRole'], [...roles].sort())] : []),
  ];
}

/** Those of a kind that are in the stack's own account. */
function ofKind<Kind extends TargetKind>(targets: readonly TargetDeclaration[], kind: Kind): readonly TargetOf<Kind>[] {
  return targets.filter(
    (target): target is TargetOf<Kind> => target.kind === kind && !('role' in target && target.role !== undefined),
  );
}
