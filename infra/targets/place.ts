import type { AssumableRole } from '../../lambdas/core/dns-zones.ts';

type WrittenPlace = {
  readonly region?: string | undefined;
  readonly role?: { readonly roleArn: string; readonly externalId?: string | undefined } | undefined;
};

/** Where a target is, as rows hold it: nothing of what was not written. */
export function placeOf({ region, role }: WrittenPlace): { readonly region?: string; readonly role?: AssumableRole } {
  return { ...(region !== undefined && { region }), ...(role !== undefined && { role: roleOf(role) }) };
}

function roleOf({ roleArn, externalId }: NonNullable<WrittenPlace['role']>): AssumableRole {
  return { roleArn, ...(externalId !== undefined && { externalId }) };
}
