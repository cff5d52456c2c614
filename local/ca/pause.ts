import type { Account } from './model.ts';
import { AcmeProblem, type Identifier } from './problems.ts';
import type { World } from './world.ts';

/** Names a pair of account and name, as the limits on failures and the pause go by. A wildcard counts as its base. */
export function pairKey(accountId: string, name: string): string {
  return `${accountId} ${name.replace(/^\*\./, '')}`;
}

/** @throws AcmeProblem rateLimited without Retry-After, with the URL at which a person can lift the pause. */
export function checkPaused(world: World, account: Account, identifiers: readonly Identifier[]): void {
  const paused = identifiers.filter((each) => world.paused.has(pairKey(account.id, each.value)));
  if (paused.length === 0) return;
  const names = paused.map((each) => each.value).join(', ');
  throw new AcmeProblem(
    'rateLimited',
    `Your account is temporarily prevented from requesting certificates for ${names}. ` +
      `Please visit: ${world.urls.at(`/unpause?account=${account.id}`)}`,
  );
}
