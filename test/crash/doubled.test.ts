import { afterEach, describe, expect, it } from 'vitest';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { DAY, MINUTE, startVirtualAccount } from '../support/virtual-account.ts';

const STEPS = ['find-due', 'create-order', 'poll-order', 'finalize-order', 'push-target', 'probe-target', 'settle'];

let account: VirtualAccount;
afterEach(() => account.close());

/** Starts an account in which each invocation of one step comes twice, at the same moment. */
async function startDoubled(step: string, processingMs: number): Promise<void> {
  account = await startVirtualAccount(
    {
      around: (name, handler) => (payload) => {
        if (name === step) void account.time.outside(() => handler(payload)).catch(() => undefined);
        return handler(payload);
      },
    },
    { finalize: { processingMs } },
  );
}

async function expectWhole(issued: number): Promise<void> {
  const role = await account.role('site');
  expect(account.ca.journal.issued).toHaveLength(issued);
  expect((await account.targets('site'))[0]?.proven).toBe(role.version);
  expect(role.failure).toBeUndefined();
  expect(account.txtValues()).toEqual([]);
  expect(account.acm.certificates()).toHaveLength(1);
  const slot = await account.slot(['example.test']);
  expect([slot?.order, slot?.owner, slot?.dns, slot?.dueAt]).toEqual([undefined, undefined, undefined, undefined]);
}

describe.each([
  ['synchronous', 0],
  ['asynchronous', 1_500],
])('with %s finalize', (_mode, processingMs) => {
  it.each(STEPS)(
    '%s that is invoked twice at once does no harm, at first issue and at the renewal [L2]',
    async (step) => {
      await startDoubled(step, processingMs);
      await account.deploy([account.declaration('site', ['example.test'])]);
      await account.settleDown(2 * DAY);
      await expectWhole(1);
      const { renewAt = 0 } = await account.role('site');
      await account.virtual.advance(renewAt - account.time.clock.now() + MINUTE);
      await account.settleDown(2 * DAY);
      await expectWhole(2);
    },
  );
});
