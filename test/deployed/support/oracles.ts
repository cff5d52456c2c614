import { expect } from 'vitest';
import type { Ca } from '../../../local/ca/ca.ts';
import type { DeployedGround } from '../../../local/deployed/ground.ts';
import { challengesIn } from '../../../local/deployed/route53-zones.ts';
import type { DeployedStack } from './deployed-stack.ts';

/** No order was issued for, or finalized, twice. */
export function expectIssuedOnce(ca: Ca): void {
  for (const { url, status } of ca.control.orders()) {
    expect(ca.journal.issuedFor(url), `certificates of ${url}, which is ${status}`).toHaveLength(
      status === 'valid' ? 1 : 0,
    );
  }
}

/** No TXT value, no lock, no order in flight, no message that waits; and nothing was refused on the way. */
export async function expectNothingLeft(ground: DeployedGround, ...stacks: readonly DeployedStack[]): Promise<void> {
  await expect.poll(() => challengesIn(ground.zones.source), { timeout: 10_000 }).toEqual([]);
  for (const stack of stacks) {
    for (const slot of await stack.slots()) {
      expect(slot, `slot of ${slot.identifiers.join(', ')}`).not.toHaveProperty('owner');
      expect(slot).not.toHaveProperty('order');
      expect(Object.keys(slot.dns ?? {})).toEqual([]);
    }
    const waiting = (await stack.rows()).flatMap(({ outbox }) => Object.keys(outbox ?? {}));
    expect(waiting, 'messages that have not been published').toEqual([]);
  }
  // A stack that is taken away loses its roles while a Lambda of it may still be at work: only those that stay count.
  const roles = stacks.map((stack) => `:assumed-role/${stackNameOf(stack)}-`);
  const refused = ground.ministack.refusals().filter(({ principal }) => roles.some((role) => principal.includes(role)));
  expect(refused).toEqual([]);
}

function stackNameOf({ machines }: DeployedStack): string {
  return machines.renewal.replace(/^.*:stateMachine:(.+)-renewal$/, '$1');
}
