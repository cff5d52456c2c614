import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OutsideCall } from '../../local/embedded/calls.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { DAY, MINUTE, startVirtualAccount } from '../support/virtual-account.ts';

/** Every so many calls one is broken: `npm run test:crash` breaks each, `npm test` a sample. */
const STRIDE = Number(process.env.CRASH_STRIDE ?? 25);

/**
 * What happens to one call: it is never sent, its answer is lost, or the invocation ends with it; and then what Step Functions
 * and the next sweep do, with RecordFailure or, as after `States.Runtime`, without any.
 */
const FATES = [
  'fails before it is sent',
  'takes effect and loses its answer',
  'takes effect and kills the invocation',
  'takes effect, kills the invocation, and every RecordFailure dies too',
  'is still on the wire when the invocation ends',
] as const;
type Fate = (typeof FATES)[number];

/** A request that has left a Lambda arrives within this, whatever becomes of the Lambda. Milliseconds. */
const WIRE_MS = 8_000;

class Lost extends Error {
  override readonly name = 'TimeoutError';
}

let account: VirtualAccount;
let cases = 0;

/** Runs a certificate's path with one call of it broken, until everything is quiet. */
async function runBroken(
  index: number,
  fate: Fate | undefined,
  renewal: boolean,
): Promise<{ calls: readonly OutsideCall[]; domain: string; issuedBefore: number }> {
  cases += 1;
  const domain = `case-${cases}.example.test`;
  await account.deploy([account.declaration(`case-${cases}`, [domain])]);
  if (renewal) await untilDueAgain();
  const issuedBefore = issued(domain);
  const start = account.calls.made.length;
  account.calls.plan = async (call, act) => {
    const isAfter = call.number - start > index;
    if (isAfter && call.handler === 'record-failure' && fate?.endsWith('dies too')) return account.calls.kill();
    if (fate === undefined || call.number - start !== index) return act();
    if (fate === 'fails before it is sent') throw new Lost('not sent');
    if (fate === 'is still on the wire when the invocation ends') {
      // Nobody is left to hear the answer, whatever it is.
      void account.virtual.clock
        .sleep(WIRE_MS)
        .then(act)
        .catch(() => undefined);
      return account.calls.kill();
    }
    await act();
    if (fate !== 'takes effect and loses its answer') return account.calls.kill();
    throw new Lost('answer lost');
  };
  await account.sweep();
  // What was on the wire has arrived.
  await account.virtual.advance(2 * WIRE_MS);
  const calls = account.calls.made.slice(start);
  account.calls.plan = (_call, act) => act();
  return { calls, domain, issuedBefore };
}

async function untilDueAgain(): Promise<void> {
  await account.sweep();
  const { renewAt = 0 } = await account.role(`case-${cases}`);
  await account.virtual.advance(renewAt - account.time.clock.now() + MINUTE);
}

const issued = (domain: string): number =>
  account.ca.journal.issued.filter(({ names }) => names.includes(domain)).length;

/** The three oracles: issued exactly once, nothing left behind, the served certificate is the new one. */
async function expectWhole(domain: string, issuedBefore: number): Promise<void> {
  await account.settleDown(2 * DAY);
  const role = await account.role(`case-${cases}`);
  const [target] = await account.targets(`case-${cases}`);
  expect(issued(domain) - issuedBefore).toBe(1);
  for (const { order, names } of account.ca.journal.issued)
    if (names.includes(domain)) expect(account.ca.journal.finalizes(order)).toBe(1);
  expect(target?.proven).toBe(role.version);
  expect(role.failure).toBeUndefined();
  expect(role.outbox ?? {}).toEqual({});
  expect(account.txtValues()).toEqual([]);
  const slot = await account.slot([domain]);
  expect([slot?.order, slot?.owner, slot?.dns, slot?.dueAt]).toEqual([undefined, undefined, undefined, undefined]);
  expect(account.acm.certificates().filter(({ domains }) => domains.includes(domain))).toHaveLength(1);
}

describe.each([
  ['synchronous finalize', 0],
  ['asynchronous finalize', 1_500],
])('%s', (_mode, processingMs) => {
  beforeAll(async () => {
    account = await startVirtualAccount({}, { finalize: { processingMs } });
  });
  afterAll(() => account.close());

  it.each([
    ['first issue', false],
    ['renewal', true],
  ])(
    '%s: whichever call to the outside breaks, the certificate is issued exactly once [F19, L1]',
    async (_path, renewal) => {
      const { calls, domain, issuedBefore } = await runBroken(0, undefined, renewal);
      await expectWhole(domain, issuedBefore);
      expect(calls.length).toBeGreaterThan(50);
      let run = 0;
      for (let index = 1 + (run % STRIDE); index <= calls.length; index += STRIDE) {
        for (const fate of FATES) {
          const broken = await runBroken(index, fate, renewal);
          const at = calls[index - 1];
          await expectWhole(broken.domain, broken.issuedBefore).catch((error: unknown) => {
            throw new Error(
              `call ${index} of ${calls.length} (${at?.handler}: ${at?.service} ${at?.operation}) ${fate}: ${String(error)}`,
            );
          });
          run += 1;
        }
      }
      console.log(`${run} crash points held`);
    },
    600_000,
  );
});
