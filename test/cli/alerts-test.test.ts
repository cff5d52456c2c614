import { afterEach, describe, expect, it } from 'vitest';
import { startVirtualAccount, type VirtualAccount } from '../support/virtual-account.ts';
import { parsed, SCHEMAS } from './schemas.ts';
import { runCli } from './support.ts';

let account: VirtualAccount;
afterEach(() => account.close());

describe('perennial alerts test', () => {
  it('sends one message to the topic and one event, and says whom it reaches', async () => {
    account = await startVirtualAccount();
    account.sns.subscribe(account.topicArn, 'email', 'day@example.test', true);
    account.sns.subscribe(account.topicArn, 'email', 'night@example.test', false);
    const { code, out } = await runCli(account, 'alerts test');
    expect(code).toBe(0);
    expect(out).toMatch(/email +day@example.test +confirmed\n +email +night@example.test +not confirmed\n/);
    expect(out).toContain('It reaches 1 of 2 subscription(s).');
    expect(account.sns.messages().map(({ subject }) => subject)).toEqual([
      'Perennial: a test of the alerts of Perennial',
    ]);
    expect(account.events.events()).toMatchObject([{ source: 'perennial', detailType: 'alerts.test' }]);
  });

  it('ends with 1 where nobody has confirmed', async () => {
    account = await startVirtualAccount();
    account.sns.subscribe(account.topicArn, 'email', 'night@example.test', false);
    const { code, out } = await runCli(account, 'alerts test --json');
    expect(code).toBe(1);
    expect(parsed(SCHEMAS.alertsTest, out).subscriptions).toHaveLength(1);
    expect((await runCli(account, 'alerts test')).out).toContain('It reaches nobody.');
  });
});
