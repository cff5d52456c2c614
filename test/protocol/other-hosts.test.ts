import { afterEach, expect, it } from 'vitest';
import type { CaSettings } from '../../lambdas/core/declaration.ts';
import { expectOracles } from '../faults/oracles.ts';
import { sendTo } from '../support/local-ca-send.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { DAY, HOUR, startVirtualAccount } from '../support/virtual-account.ts';

let account: VirtualAccount;
afterEach(() => account.close());

const DOMAIN = 'example.test';
const ORDERS = 'orders.ca.localhost';

/** A CA whose directory is on one host and everything that it leads to on another, with its declaration. */
async function startSplit(): Promise<(changes: Partial<CaSettings>) => Promise<void>> {
  const toOrders = (url: string): string => url.replace('https://ca.localhost/', `https://${ORDERS}/`);
  const send = sendTo(() => account.ca);
  account = await startVirtualAccount(
    { send: (request) => send({ ...request, url: toOrders(request.url) }) },
    { origin: `https://${ORDERS}` },
  );
  const plain = account.declaration('site', [DOMAIN]);
  const directoryUrl = account.ca.directoryUrl.replace(ORDERS, 'ca.localhost');
  return (changes) => account.deploy([{ ...plain, cas: [{ ...plain.cas[0], directoryUrl, ...changes }] }]);
}

it('A CA on several hosts is sent nothing until they are declared, and says what to declare; then it issues', async () => {
  const deploy = await startSplit();
  await deploy({});
  await account.sweep();
  const { failure } = await account.role('site');
  expect(failure).toMatchObject({ class: 'person' });
  expect(failure?.message).toContain('cas.local.otherHosts');
  expect(account.ca.journal.requests.filter(({ endpoint }) => endpoint !== 'directory')).toEqual([]);
  await deploy({ otherHosts: [ORDERS] });
  await account.sweep();
  expect(account.ca.journal.issued).toHaveLength(1);
  await account.live(DAY + 3 * HOUR, HOUR);
  await expectOracles(account, { domain: DOMAIN, issued: 1, told: 1 });
});

it('A host that is declared lets no third one in', async () => {
  const deploy = await startSplit();
  await deploy({ otherHosts: ['elsewhere.ca.localhost'] });
  await account.sweep();
  expect((await account.role('site')).failure?.message).toContain(ORDERS);
  expect(account.ca.journal.requests.filter(({ endpoint }) => endpoint !== 'directory')).toEqual([]);
});
