import { afterEach, expect, it } from 'vitest';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { HOUR, startVirtualAccount } from '../support/virtual-account.ts';

let account: VirtualAccount;
afterEach(() => account.close());

it('a certificate whose download was cut short is downloaded again, and not thrown away for a second order', async () => {
  account = await startVirtualAccount({ inProcess: {} });
  account.ca.faults.add({ endpoint: 'certificate', fault: { kind: 'corrupt' } });
  await account.deploy([account.declaration('site', ['example.test'])]);
  await account.live(2 * HOUR);
  expect(account.ca.journal.issued).toHaveLength(1);
  expect(await account.versions('site')).toHaveLength(1);
  expect((await account.targets('site'))[0]?.proven).toBe((await account.role('site')).version);
  expect(account.sns.messages().filter(({ subject }) => subject?.includes('fails'))).toEqual([]);
});
