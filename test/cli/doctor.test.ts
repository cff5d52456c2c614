import { afterEach, describe, expect, it } from 'vitest';
import { DAY, MINUTE, startVirtualAccount, type VirtualAccount } from '../support/virtual-account.ts';
import { parsed, SCHEMAS } from './schemas.ts';
import { refuseWrites, runCli, watched } from './support.ts';

let account: VirtualAccount;
afterEach(() => account.close());

async function inOrder(): Promise<void> {
  account = await startVirtualAccount();
  account.sns.subscribe(account.topicArn, 'email', 'day@example.test', true);
  await account.deploy([account.declaration('site', ['example.test'])]);
  await account.sweep();
  await watched(account);
  await account.virtual.advance(MINUTE);
}

async function attention(): Promise<Readonly<Record<string, string>>> {
  const { out } = await runCli(account, 'doctor --json');
  const { checks } = parsed(SCHEMAS.doctor, out);
  return Object.fromEntries(
    checks.flatMap(({ name, ok, message, remedy = '' }) => (ok ? [] : [[name, `${message}. ${remedy}`]])),
  );
}

describe('perennial doctor', () => {
  it('finds nothing where all is in order, and ends with 0', async () => {
    await inOrder();
    const { code, out } = await runCli(account, 'doctor --fleet');
    expect(out).not.toContain('!!');
    expect(code).toBe(0);
    expect(out).toContain('No pattern in 1 attempt(s).');
  });

  it('only reads', async () => {
    await inOrder();
    const asked = refuseWrites(account);
    expect((await runCli(account, 'doctor --fleet')).code).toBe(0);
    expect(new Set(asked.map((one) => one.split(':')[0]))).toEqual(
      new Set(
        ['cloudformation', 'cloudwatch', 'dynamodb', 'scheduler', 'sns', 'states'].map((name) =>
          name === 'states' ? 'sfn' : name,
        ),
      ),
    );
  });

  it('finds a schedule that is switched off, and one that is gone', async () => {
    await inOrder();
    account.scheduler.put({ name: 'perennial-schedule', expression: 'rate(15 minutes)', state: 'DISABLED' });
    expect(await attention()).toEqual({ schedule: expect.stringMatching(/perennial-schedule is DISABLED. Enable it/) });
    account.cloudFormation.put({ ...account.stack, outputs: { ...account.stack.outputs, ScheduleName: 'gone' } });
    expect(await attention()).toEqual({
      schedule: expect.stringMatching(/gone is gone. `npx cdk deploy --revert-drift` of Perennial/),
    });
  });

  it('finds that a deployment has failed', async () => {
    await inOrder();
    account.cloudFormation.put({ ...account.stack, status: 'UPDATE_ROLLBACK_COMPLETE' });
    expect(await attention()).toEqual({
      stack: expect.stringMatching(/is UPDATE_ROLLBACK_COMPLETE since .* See its events/),
    });
  });

  it('finds subscriptions that nobody has confirmed, and a topic without any', async () => {
    await inOrder();
    account.sns.subscribe(account.topicArn, 'email', 'night@example.test', false);
    expect(await attention()).toEqual({
      alerts: expect.stringMatching(/1 of 2 .* not confirmed: night@example.test. Open the link/),
    });
  });

  it('finds executions that have failed, and forgets them after a day', async () => {
    await inOrder();
    await account.deploy([
      account.declaration('site', ['example.test']),
      account.declaration('stray', ['stray.elsewhere.test']),
    ]);
    await account.sweep();
    expect(await attention()).toEqual({
      'renewal machine': expect.stringMatching(/1 failed execution.*perennial status/),
    });
  });

  it('finds rows that are long due and started by nothing, and that no sweep has come', async () => {
    await inOrder();
    await account.virtual.advance(75 * DAY);
    await account.watch();
    await account.virtual.advance(MINUTE);
    expect(await attention()).toEqual({
      'certificate site': expect.stringMatching(/^Its current version ends at /),
      'due rows': expect.stringMatching(/^\d row\(s\) are due .*site ROLE#current since 2027-0/),
      sweeps: expect.stringMatching(/the last one began 2027-01-01 .*75 days ago/),
    });
  });

  it('says what could not be looked at, and looks at the rest', async () => {
    await inOrder();
    account.calls.plan = async (call, act) => {
      if (call.service !== 'scheduler') return act();
      throw Object.assign(new Error('not authorized to perform scheduler:GetSchedule'), {
        name: 'AccessDeniedException',
        $metadata: { httpStatusCode: 403 },
      });
    };
    expect(await attention()).toEqual({
      'watch schedule': expect.stringMatching(/AccessDenied/),
      schedule: expect.stringMatching(/AccessDeniedException: not authorized.*docs\/cli.md/),
    });
  });
});
