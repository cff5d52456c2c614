import { afterEach, expect, it } from 'vitest';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { HOUR, startVirtualAccount } from '../support/virtual-account.ts';

let account: VirtualAccount;
afterEach(() => account.close());

it('a PushTarget that is invoked twice at once imports one certificate into ACM, not two [L2]', async () => {
  account = await startVirtualAccount({
    around: (name, handler) => (payload) => {
      if (name === 'push-target') void handler(payload).catch(() => undefined);
      return handler(payload);
    },
  });
  await account.deploy([account.declaration('site', ['example.test'])]);
  await account.live(2 * HOUR);
  expect(account.acm.certificates()).toHaveLength(1);
  expect((await account.targets('site'))[0]?.proven).toBe((await account.role('site')).version);
});
