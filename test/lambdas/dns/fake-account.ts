import { Route53Account } from '../../../local/aws/route53.ts';
import type { Around } from '../../../local/aws/seam.ts';
import { clientOf } from '../../local/aws/route53-bench.ts';
import type { PublisherAccount } from './publisher-contract.ts';
import { TestClock } from './test-clock.ts';

const INSYNC_MS = 30_000;

export type FakePublisherAccount = PublisherAccount & { readonly route53: Route53Account; readonly clock: TestClock };

/** The strict fake as an account to publish in; `around` injects faults into the publishers' calls, not into the test's. */
export function fakeAccount(around?: Around): FakePublisherAccount {
  const clock = new TestClock();
  const route53 = new Route53Account({ now: () => clock.now(), insyncAfterMs: INSYNC_MS });
  return {
    clock,
    route53,
    client: () => clientOf(route53, around),
    createZone: async (name) => route53.createZone(name),
    settle: async () => clock.pass(INSYNC_MS),
  };
}
