import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { HANDLER_NAMES } from '../../infra/handlers.ts';
import { ACCOUNTS } from './judged-account.ts';
import type { Ground, PermissionCase, Principal } from './permission-case.ts';
import { PERMISSIONS } from './permission-table.ts';
import { permissionsPage } from './permissions-page.ts';
import { UNTOLD } from './permissions-untold.ts';
import type { Policy } from './policies.ts';
import { allows } from './simulator.ts';
import { weakenedPolicies } from './weakened.ts';

const CASES = Object.values(PERMISSIONS).flat();
const MACHINES = ['renewal machine', 'push machine', 'settle machine', 'sweep machine'] as const;
const PRINCIPALS: readonly Principal[] = [...HANDLER_NAMES, ...MACHINES, 'schedule', 'watch schedule'];

/** Whether the call passes, by the stack's policy or by another in its place. */
async function verdict(who: Principal, permission: PermissionCase, policy?: Policy): Promise<boolean> {
  const { action, on, context, ground = 'declared zones' } = permission;
  const account = ACCOUNTS[ground];
  const resource = account.resources[on];
  if (resource === undefined) throw new Error(`the table names no resource "${on}"`);
  const resourcePolicy = account.resourcePolicyOf(resource);
  const own = account.policyOf(who);
  const caller = { ...own, policy: policy ?? own.policy, ...(resourcePolicy && { resourcePolicy }) };
  return allows(caller, { action, resource, ...(context && { context }) });
}

describe.each(Object.entries(PERMISSIONS))('%s', (_section, cases) => {
  it.each(cases)('$action on $on: $allowed for $who ($why)', async (permission) => {
    const wrong = [];
    for (const who of permission.who) if ((await verdict(who, permission)) !== permission.allowed) wrong.push(who);
    expect(wrong).toEqual([]);
  });
});

/** Whether some case notices that a policy has become another. */
async function isNoticed(who: Principal, policy: Policy, ground: Ground): Promise<boolean> {
  for (const permission of CASES) {
    if (!permission.who.includes(who) || (permission.ground ?? 'declared zones') !== ground) continue;
    if ((await verdict(who, permission, policy)) !== permission.allowed) return true;
  }
  return false;
}

describe('Nothing is granted that nothing needs, and no condition is idle', () => {
  it.each(PRINCIPALS)('%s: each action, resource and condition that is taken away is missed', async (who) => {
    const { policy } = ACCOUNTS['declared zones'].policyOf(who);
    const unnoticed = [];
    for (const weaker of weakenedPolicies(policy)) {
      if (await isNoticed(who, weaker.policy, 'declared zones')) continue;
      if (!UNTOLD.some(({ without }) => without.test(weaker.without))) unnoticed.push(weaker.without);
    }
    expect(unnoticed).toEqual([]);
  });
});

describe('docs/permissions.md', () => {
  it('says what the table says; `npm run permissions` writes it anew', () => {
    expect(readFileSync(new URL('../../docs/permissions.md', import.meta.url), 'utf8')).toBe(permissionsPage());
  });
});
