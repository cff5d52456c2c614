import { afterEach, describe, expect, it } from 'vitest';
import type { AlarmChange } from '../../local/aws/cloudwatch.ts';
import { DAY, HOUR, MINUTE, startVirtualAccount, type VirtualAccount } from '../support/virtual-account.ts';

let account: VirtualAccount;
afterEach(() => account.close());

const now = () => account.virtual.clock.now();

/** Lives for so long; every five minutes CloudWatch judges the alarms. What has changed, by the alarm's short name. */
async function live(
  ms: number,
  { sweeps = true, watches = true }: { readonly sweeps?: boolean; readonly watches?: boolean } = {},
): Promise<readonly (readonly [string, AlarmChange])[]> {
  const changes: (readonly [string, AlarmChange])[] = [];
  const end = now() + ms;
  for (let step = 0; now() < end; step += 1) {
    if (sweeps && step % 3 === 0) await account.sweep();
    if (watches && step % 12 === 0) await account.watch();
    await account.virtual.advance(5 * MINUTE);
    changes.push(...account.cloudWatch.evaluate(now()).map((change) => [shortName(change), change] as const));
  }
  return changes;
}

function shortName({ alarm }: AlarmChange): string {
  return alarm.name.replace(/^Perennial-/, '');
}

const alarmed = (changes: readonly (readonly [string, AlarmChange])[]) =>
  changes.flatMap(([name, { to }]) => (to === 'ALARM' ? [name] : []));

async function issued(): Promise<void> {
  account = await startVirtualAccount();
  await account.deploy([account.declaration('site', ['example.test'])]);
  await live(6 * HOUR);
}

describe('The alarms, judged as CloudWatch does', () => {
  it('are silent while all is well', async () => {
    await issued();
    expect(alarmed(await live(2 * DAY))).toEqual([]);
    expect(new Set(Object.values(account.cloudWatch.states()))).toEqual(new Set(['OK']));
  });

  it('say within two hours and a quarter that no sweep has succeeded, and that it is over with the next', async () => {
    await issued();
    const from = now();
    const [[name, { at }] = ['', { at: 0 }], ...others] = (await live(5 * HOUR, { sweeps: false })).filter(
      ([, { to }]) => to === 'ALARM',
    );
    expect(name).toBe('sweep-missing');
    expect(at - from).toBeGreaterThan(1.5 * HOUR);
    expect(at - from).toBeLessThanOrEqual(2.25 * HOUR);
    expect(others).toEqual([]);
    const over = await live(HOUR);
    expect(over.map(([which, { from: before, to }]) => [which, before, to])).toEqual([
      ['sweep-missing', 'ALARM', 'OK'],
    ]);
  });

  it('say within four hours that the watch has not come to its end', async () => {
    await issued();
    const from = now();
    const changes = await live(6 * HOUR, { watches: false });
    expect(alarmed(changes)).toEqual(['watch-missing']);
    expect((changes[0]?.[1].at ?? 0) - from).toBeLessThanOrEqual(4 * HOUR);
  });

  it('say after three days that a renewal fails, which was told in its first minute', async () => {
    await issued();
    const { renewAt = 0 } = await account.role('site');
    await account.virtual.advance(renewAt - now());
    account.ca.faults.add({ endpoint: 'newOrder', fault: { kind: 'answer', status: 500 }, times: Infinity });
    await live(6 * HOUR);
    expect(account.sns.messages().filter(({ subject }) => subject?.includes('renewal fails'))).toHaveLength(1);
    expect(alarmed(await live(4 * DAY))).toEqual(['certificates-failing']);
  });

  it('say what a person is to do, by the section of the runbook that has their name, and tell the topic of people', async () => {
    account = await startVirtualAccount();
    const [change] = await live(3 * HOUR, { sweeps: false, watches: false });
    expect(change?.[1].alarm.description).toMatch(/What to do: docs\/runbook\.md, "[a-z-]+"\.$/);
    expect(change?.[1].alarm.actions).toEqual([expect.stringMatching(/^arn:aws:sns:us-east-1:123456789012:/)]);
  });
});
