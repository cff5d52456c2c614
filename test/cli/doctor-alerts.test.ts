import { afterEach, describe, expect, it } from 'vitest';
import { alarmTable } from '../../infra/alarm-table.ts';
import type { Level } from '../../lambdas/core/at-risk.ts';
import type { ChannelDeclaration } from '../../lambdas/core/channel-declaration.ts';
import type { OpenFinding } from '../../lambdas/core/watch-state.ts';
import { saveWatchRow } from '../../lambdas/store/watch.ts';
import { EMPTY_CONFIG } from '../../local/embedded/account.ts';
import { type Definitions, synthesiseDefinitions } from '../../local/embedded/definitions.ts';
import { DAY, HOUR, MINUTE, startVirtualAccount, type VirtualAccount } from '../support/virtual-account.ts';
import { parsed, SCHEMAS } from './schemas.ts';
import { runCli, watched } from './support.ts';

const CHANNELS: readonly ChannelDeclaration[] = [
  { name: 'chat', type: 'slack', secretName: 'slack' },
  { name: 'hook', type: 'webhook', secretName: 'hook' },
];

let definitions: Definitions | undefined;
let account: VirtualAccount;
afterEach(() => account.close());

async function inOrder(options: { readonly definitions?: Definitions } = {}): Promise<void> {
  account = await startVirtualAccount(options);
  account.sns.subscribe(account.topicArn, 'email', 'day@example.test', true);
  await account.deploy([account.declaration('site', ['example.test'])]);
  await account.sweep();
  await watched(account);
  await account.virtual.advance(MINUTE);
}

async function withChannels(): Promise<void> {
  const alerts = { email: [], https: [], sqs: [], channels: CHANNELS };
  definitions ??= synthesiseDefinitions({ ...EMPTY_CONFIG, alerts });
  await inOrder({ definitions });
}

async function checks() {
  const { out } = await runCli(account, 'doctor --json');
  return parsed(SCHEMAS.doctor, out).checks;
}

async function attention(): Promise<readonly string[]> {
  return (await checks()).flatMap(({ name, ok, message, remedy = '' }) =>
    ok ? [] : [`${name}: ${message}. ${remedy}`],
  );
}

async function messageOf(check: string): Promise<string | undefined> {
  return (await checks()).find(({ name, ok }) => name === check && ok)?.message;
}

/** As if a version had deployed it that did not say these. */
function withoutOutputs(...names: readonly string[]): void {
  const outputs = Object.entries(account.stack.outputs).filter(([name]) => !names.includes(name));
  account.cloudFormation.put({ ...account.stack, outputs: Object.fromEntries(outputs) });
}

describe('perennial doctor, of the alarms', () => {
  it('finds nothing where all of the table are there and well', async () => {
    await inOrder();
    expect(await attention()).toEqual([]);
    expect(await messageOf('alarms')).toBe(`all ${alarmTable(900).length} are there, and none alarms`);
  });

  it('tells each that alarms: since when, why, and the section of the runbook', async () => {
    await inOrder();
    await account.virtual.advance(3 * HOUR - MINUTE);
    await account.watch();
    account.cloudWatch.evaluate(account.virtual.clock.now());
    await account.virtual.advance(30 * MINUTE);
    expect(await attention()).toEqual([
      expect.stringMatching(
        /^alarm sweep-missing: No sweep has succeeded: nothing is renewed or pushed\. It alarms since 2027-01-01 03:0\d UTC \(30 minutes ago\): Threshold Crossed: 8 out of the last 8 datapoints were less than the threshold \(1\)\. What to do: docs\/runbook\.md, "sweep-missing"\.$/,
      ),
    ]);
  });

  it('says since when it alarms, not when its reason was updated last', async () => {
    await inOrder();
    await account.virtual.advance(3 * HOUR);
    account.cloudWatch.evaluate(account.virtual.clock.now());
    await account.virtual.advance(5 * HOUR);
    account.cloudWatch.evaluate(account.virtual.clock.now());
    expect(await attention()).toContainEqual(expect.stringMatching(/^alarm sweep-missing: .*\(5 hours ago\)/));
  });

  it('finds those that somebody has removed, and that all are gone', async () => {
    await inOrder();
    account.cloudWatch.deleteAlarm('Perennial-watch-missing');
    expect(await attention()).toEqual([
      expect.stringMatching(/^alarms: watch-missing are missing\..*`npx cdk deploy --revert-drift` makes anew/),
    ]);
    for (const { name } of alarmTable(900)) account.cloudWatch.deleteAlarm(`Perennial-${name}`);
    expect(await attention()).toEqual([expect.stringMatching(/^alarms: none of the \d+ is there\. Nobody is told/)]);
  });

  it('finds those whose actions are disabled, with the command that enables them', async () => {
    await inOrder();
    for (const name of ['Perennial-watch-missing', 'Perennial-acm-imports']) account.cloudWatch.disableActions(name);
    expect(await attention()).toEqual([
      'alarm actions: those of watch-missing, acm-imports are disabled: they tell nobody. Enable them: aws cloudwatch enable-alarm-actions --alarm-names Perennial-watch-missing Perennial-acm-imports',
    ]);
  });

  it('lets new ones have no data for an hour, and no longer', async () => {
    account = await startVirtualAccount();
    account.sns.subscribe(account.topicArn, 'email', 'day@example.test', true);
    await account.sweep();
    await account.virtual.advance(HOUR - MINUTE);
    expect(await attention()).toEqual([]);
    await account.virtual.advance(2 * MINUTE);
    expect(await attention()).toEqual([
      expect.stringMatching(/^alarm data: sweep-missing, .* have had no data for more than an hour/),
    ]);
  });
});

describe('perennial doctor, of the channels', () => {
  it('says that there are none, or that none has dead letters', async () => {
    await inOrder();
    expect(await messageOf('dead letters')).toBe('no channel is configured');
    await account.close();
    await withChannels();
    expect(await attention()).toEqual([]);
    expect(await messageOf('dead letters')).toBe('none of chat, hook');
  });

  it('counts what one has not taken, with the commands that say why and send it again', async () => {
    await withChannels();
    const dead = Object.keys(definitions?.resources ?? {}).filter((id) =>
      /^PerennialChannelshookDeadLetters[^P]+$/.test(id),
    );
    const [queue = ''] = dead;
    account.sqs.createQueue(queue, { contentBasedDeduplication: true });
    for (const text of ['one', 'two']) account.sqs.send(queue, text, 'alerts');
    const [found = '', ...others] = await attention();
    expect(others).toEqual([]);
    expect(found).toMatch(/^channel hook: 2 message\(s\) that it has not taken are among its dead letters\./);
    const url = `https://sqs.us-east-1.amazonaws.com/123456789012/${queue}`;
    const arn = `arn:aws:sqs:us-east-1:123456789012:${queue}`;
    expect(found).toContain(`aws sqs receive-message --queue-url ${url} --message-attribute-names reason.`);
    expect(found).toMatch(
      new RegExp(
        `start-message-move-task --source-arn ${arn} --destination-arn arn:aws:sqs:us-east-1:123456789012:PerennialChannelshookQueue\\w+;`,
      ),
    );
    expect(found).toMatch(new RegExp(`aws sqs purge-queue --queue-url ${url}$`));
  });

  it('finds that the alarm of one is missing, and that the queue of its dead letters is gone', async () => {
    await withChannels();
    account.cloudWatch.deleteAlarm('Perennial-channel-chat');
    const { Channels: told = '' } = account.stack.outputs;
    const outputs = { ...account.stack.outputs, Channels: told.replace(/PerennialChannelschatDeadLetters/, 'Gone') };
    account.cloudFormation.put({ ...account.stack, outputs });
    expect(await attention()).toEqual([
      expect.stringMatching(/^alarms: channel-chat are missing/),
      expect.stringMatching(/^channel chat: the queue of its dead letters is gone\. `npx cdk deploy --revert-drift`/),
    ]);
  });
});

describe('perennial doctor, of the watch', () => {
  it('says when its last look came to its end, and how often it comes', async () => {
    await inOrder();
    await account.virtual.advance(2 * HOUR);
    expect(await messageOf('watch')).toMatch(/^its last look came to its end 2027-01-01 00:0\d UTC \(2 hours ago\)$/);
    expect(await messageOf('watch schedule')).toBe('watches at rate(1 hour)');
  });

  it('finds that it has not come to its end for three hours, for a week, and since a deployment', async () => {
    await inOrder();
    await account.virtual.advance(3 * HOUR);
    expect(await attention()).toContainEqual(
      expect.stringMatching(
        /^watch: its last look came to its end 2027.*\(3 hours ago\)\. What to do: docs\/runbook\.md, "watch-missing"/,
      ),
    );
    await account.virtual.advance(8 * DAY);
    expect(await attention()).toContainEqual(expect.stringMatching(/^watch: no look has come to its end in a week/));
    account.cloudFormation.put({ ...account.stack, createdAt: account.virtual.clock.now() - 2 * HOUR });
    expect(await messageOf('watch')).toMatch(/^no look has come to its end yet; it was deployed .* \(2 hours ago\)$/);
  });

  it('finds its schedule switched off, and gone', async () => {
    await inOrder();
    account.scheduler.put({ name: 'perennial-watch-schedule', expression: 'rate(1 hour)', state: 'DISABLED' });
    expect(await attention()).toEqual([
      expect.stringMatching(/^watch schedule: .* is DISABLED\. Enable it: nobody looks at what is served without it/),
    ]);
    account.cloudFormation.put({ ...account.stack, outputs: { ...account.stack.outputs, WatchScheduleName: 'gone' } });
    expect(await attention()).toEqual([expect.stringMatching(/^watch schedule: gone is gone/)]);
  });

  it('finds that it cannot read the table', async () => {
    await inOrder();
    account.calls.plan = async (call, act) => {
      if (call.service === 'dynamodb') throw Object.assign(new Error('no'), { name: 'AccessDeniedException' });
      return act();
    };
    await account.watch();
    account.calls.plan = (_call, act) => act();
    await account.virtual.advance(MINUTE);
    expect(await attention()).toContainEqual(
      expect.stringMatching(/^watch sight: it cannot read the table since 2027.*docs\/runbook\.md, "watch\.blind"/),
    );
  });

  it('tells what stands in the words of its messages, but not before those would', async () => {
    await inOrder();
    account.edge.setDown(true);
    for (let hour = 0; (await messageOf('findings'))?.includes('too young') !== true; hour += 1) {
      expect(hour).toBeLessThan(25);
      await account.virtual.advance(HOUR);
      await account.watch();
    }
    expect(await messageOf('findings')).toBe(
      'nothing is wrong where certificates are served; 1 finding(s) are too young for the watch to tell',
    );
    await account.virtual.advance(3 * HOUR);
    await account.watch();
    expect(await attention()).toContainEqual(
      expect.stringMatching(
        /^certificate site: acm cannot be looked at: .* It is so since 2027-01-0\d .* UTC \(3 hours ago\)\. A person must look whether that host is up.*docs\/runbook\.md, "unreachable"\.$/,
      ),
    );
  });

  it('tells five certificates, the most urgent first, and names the others', async () => {
    await inOrder();
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    for (const name of names) {
      const level: Level = name === 'g' ? 'expired' : 'at-risk';
      const finding: OpenFinding = {
        kind: 'expiring',
        place: '',
        level,
        text: `${name} ends.`,
        since: account.virtual.clock.now(),
      };
      const known = { findings: { 'expiring@': finding }, outbox: {} };
      await saveWatchRow(account.ports.watch.watchTable, name, undefined, known, finding.since);
    }
    const found = await attention();
    expect(found.map((text) => text.split(':')[0])).toEqual([
      ...['g', 'a', 'b', 'c', 'd'].map((name) => `certificate ${name}`),
      'findings',
    ]);
    expect(found.at(-1)).toMatch(/^findings: something is wrong with 2 more: e, f\./);
  });
});

describe('perennial doctor, of a stack that an earlier version has deployed', () => {
  it('says what it does not say, and looks at the rest', async () => {
    await inOrder();
    withoutOutputs('WatchTableName', 'WatchScheduleName', 'Channels');
    expect(await attention()).toEqual([
      'watch schedule: Perennial does not say its name. Deploy it again with this version.',
      'findings: Perennial does not say the table of its watch. Deploy it again with this version.',
      'dead letters: Perennial does not say its channels. Deploy it again with this version.',
    ]);
  });
});
