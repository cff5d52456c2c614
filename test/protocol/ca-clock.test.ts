import { afterEach, it } from 'vitest';
import { expectOracles } from '../faults/oracles.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { DAY, HOUR, MINUTE, START, startVirtualAccount } from '../support/virtual-account.ts';

let account: VirtualAccount;
afterEach(() => account.close());

const DOMAIN = 'example.test';

it('A CA whose clock is 40 days behind has its orders followed to their end, not given up as expired', async () => {
  let now = () => START;
  account = await startVirtualAccount({}, { now: () => now() - 40 * DAY, finalize: { processingMs: 2 * MINUTE } });
  now = account.virtual.clock.now;
  await account.deploy([account.declaration('site', [DOMAIN])]);
  await account.live(3 * HOUR, 30 * MINUTE);
  await expectOracles(account, { domain: DOMAIN, issued: 1, told: 0 });
});
