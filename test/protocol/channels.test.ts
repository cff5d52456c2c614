import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChannelDeclaration } from '../../lambdas/core/channel-declaration.ts';
import { EMPTY_CONFIG } from '../../local/embedded/account.ts';
import { type Definitions, synthesiseDefinitions } from '../../local/embedded/definitions.ts';
import { type ChannelReceiver, startChannelReceiver } from '../support/channel-receiver.ts';
import { DAY, HOUR, MINUTE, startVirtualAccount, type VirtualAccount } from '../support/virtual-account.ts';

const CHANNELS: readonly ChannelDeclaration[] = [
  { name: 'chat', type: 'slack', secretName: 'slack' },
  { name: 'duty', type: 'pagerduty', secretName: 'pagerduty' },
  { name: 'hook', type: 'webhook', secretName: 'hook' },
  { name: 'q', type: 'amazon-q' },
];
const SLACK_URL = 'https://hooks.slack.test/services/T000/B000/XXXXXXXXXXXXXXXX';
const HOOK_URL = 'https://hook.test/alerts?token=0123456789abcdef';
const DUTY_URL = 'https://events.pagerduty.com/v2/enqueue';
const DOMAINS = ['www.example.test'];

let definitions: Definitions | undefined;
let account: VirtualAccount;
let receiver: ChannelReceiver;
let lines: string[];

beforeEach(async () => {
  definitions ??= synthesiseDefinitions({
    ...EMPTY_CONFIG,
    alerts: { email: [], https: [], sqs: [], channels: CHANNELS },
  });
  receiver = await startChannelReceiver();
  lines = [];
  receiver.answer = ({ url }) => ({ status: url === DUTY_URL ? 202 : 200, body: 'ok' });
  account = await startVirtualAccount({
    definitions,
    channelSend: receiver.send,
    onLog: (line) => lines.push(line),
  });
  account.secrets.putSecret('slack', SLACK_URL);
  account.secrets.putSecret('pagerduty', JSON.stringify({ routingKey: 'R0123456789ABCDEFGHIJKLMNOPQRSTU' }));
  account.secrets.putSecret('hook', JSON.stringify({ url: HOOK_URL, secret: 'whsec_0123456789' }));
});
afterEach(async () => {
  await account.close();
  await receiver.close();
});

/** The certificate cannot be issued until {@link mend}. */
async function breakIssuance(): Promise<void> {
  account.calls.plan = async (call, act) => {
    if (call.service === 'route53') throw new Error('socket hang up');
    return act();
  };
  await account.deploy([account.declaration('site', DOMAINS)]);
  await account.live(10 * MINUTE, 5 * MINUTE);
}

async function mend(): Promise<void> {
  account.calls.plan = (_call, act) => act();
  await account.live(DAY, HOUR);
}

const bodiesTo = (url: string) =>
  receiver.received.filter((each) => each.url === url).map(({ body }) => JSON.parse(body));
const queueOf = (channel: string, what = 'Queue') =>
  Object.keys(definitions?.resources ?? {}).find(
    (id) => id.startsWith(`PerennialChannels${channel}${what}`) && !id.includes('Policy'),
  ) ?? '';
const left = (channel: string, what?: string) => account.sqs.messages(queueOf(channel, what));

describe('Channels of the alerts', () => {
  it('are told that a certificate fails and that it has recovered, by rule, queue and Lambda', async () => {
    await breakIssuance();
    await account.deliverAlerts();
    expect(bodiesTo(HOOK_URL)).toEqual([
      expect.objectContaining({ event: 'certificate.failing', certificate: 'site' }),
    ]);
    expect(bodiesTo(SLACK_URL)).toHaveLength(1);
    const [trigger] = bodiesTo(DUTY_URL);
    expect(trigger).toMatchObject({ event_action: 'trigger', payload: { class: 'certificate.failing' } });
    await mend();
    await account.deliverAlerts();
    expect(bodiesTo(HOOK_URL).map(({ event }) => event)).toEqual([
      'certificate.failing',
      'certificate.issued',
      'certificate.recovered',
    ]);
    expect(bodiesTo(DUTY_URL).slice(1)).toEqual([
      { routing_key: trigger.routing_key, dedup_key: trigger.dedup_key, event_action: 'resolve' },
    ]);
    for (const { name } of CHANNELS) expect(left(name)).toEqual([]);
  });

  it('are told nothing that is for machines only', async () => {
    await account.deploy([account.declaration('site', DOMAINS)]);
    await account.live(HOUR);
    await account.deliverAlerts();
    expect(account.events.events().map(({ detailType }) => detailType)).toContain('certificate.pushed');
    expect(bodiesTo(HOOK_URL).map(({ event }) => event)).toEqual(['certificate.issued']);
  });

  it('tell Amazon Q by a topic of its own, which people who read mail do not get', async () => {
    await breakIssuance();
    await account.deliverAlerts();
    const [mail, custom, ...others] = account.sns.messages().toSorted((one) => (one.subject === undefined ? 1 : -1));
    expect(others).toEqual([]);
    expect(mail?.topicArn).not.toBe(custom?.topicArn);
    expect(JSON.parse(custom?.message ?? '')).toMatchObject({
      version: '1.0',
      source: 'custom',
      metadata: { eventType: 'certificate.failing' },
    });
  });

  it('do not wait for one that is down, which gets its message once it is up, and no other gets it twice', async () => {
    receiver.answer = ({ url }) => ({ status: url === SLACK_URL ? 503 : url === DUTY_URL ? 202 : 200, body: 'ok' });
    await breakIssuance();
    await account.deliverAlerts();
    await account.deliverAlerts();
    expect([SLACK_URL, HOOK_URL, DUTY_URL].map((url) => bodiesTo(url).length)).toEqual([1, 1, 1]);
    receiver.answer = () => ({ status: 200, body: 'ok' });
    await account.virtual.advance(MINUTE);
    await account.deliverAlerts();
    expect([SLACK_URL, HOOK_URL].map((url) => bodiesTo(url).length)).toEqual([2, 1]);
    expect(left('chat')).toEqual([]);
  });

  it('are asked again no sooner than they ask for, and keep the order of what they are told', async () => {
    receiver.answer = ({ url }) =>
      url === HOOK_URL ? { status: 429, body: '', headers: { 'retry-after': '7200' } } : { status: 202, body: 'ok' };
    await breakIssuance();
    await account.deliverAlerts();
    receiver.answer = () => ({ status: 200, body: 'ok' });
    await account.virtual.advance(7100 * 1000);
    await account.deliverAlerts();
    expect(bodiesTo(HOOK_URL)).toHaveLength(1);
    await mend();
    await account.deliverAlerts();
    expect(bodiesTo(HOOK_URL).map(({ event }) => event)).toEqual([
      'certificate.failing',
      'certificate.failing',
      'certificate.issued',
      'certificate.recovered',
    ]);
  });

  it('leave what they refuse among their dead letters, with the reason and without the secret', async () => {
    receiver.answer = ({ url }) => ({ status: url === SLACK_URL ? 404 : 202, body: `no_service ${SLACK_URL}` });
    await breakIssuance();
    await account.deliverAlerts();
    expect(left('chat')).toEqual([]);
    const [dead] = left('chat', 'DeadLetters');
    expect(dead?.attributes.reason?.StringValue).toBe('answered 404: no_service [secret]');
    expect(JSON.parse(dead?.body ?? '')).toMatchObject({ channel: 'chat', event: 'certificate.failing' });
    const logged = lines.filter((line) => line.includes('alertGivenUp')).join('\n');
    expect(logged).toContain('given up');
    expect(logged).not.toContain('XXXXXXXX');
    await mend();
    await account.deliverAlerts();
    expect(left('chat', 'DeadLetters').map(({ body }) => JSON.parse(body).event)).toEqual([
      'certificate.failing',
      'certificate.issued',
      'certificate.recovered',
    ]);
  });

  it('are given up after thirty tries in vain, and what comes next is told', async () => {
    account.secrets.deleteSecret('slack');
    await breakIssuance();
    for (let round = 0; round < 31; round += 1) {
      await account.deliverAlerts();
      await account.virtual.advance(15 * MINUTE);
    }
    const [dead] = left('chat', 'DeadLetters');
    expect(dead?.attributes.reason?.StringValue).toContain('Restore the secret slack');
    account.secrets.putSecret('slack', SLACK_URL);
    await mend();
    await account.deliverAlerts();
    expect(bodiesTo(SLACK_URL).length).toBeGreaterThan(0);
    expect(left('chat')).toEqual([]);
  });

  const VERSION = 'a'.repeat(64);

  it('of another stack in the account get none of its messages', async () => {
    await account.ports.base.alerts.publish({
      id: 'own',
      event: 'certificate.issued',
      notify: true,
      at: 0,
      certificate: 'site',
      subject: 'own',
      body: 'own',
      detail: { version: VERSION, notAfter: 0, ca: 'local' },
    });
    const [event] = account.events.events();
    const Entries = [
      {
        Source: 'perennial',
        DetailType: 'certificate.issued',
        Detail: JSON.stringify({ ...(event?.detail as object), id: 'theirs' }),
        Resources: ['arn:aws:sns:us-east-1:123456789012:other'],
      },
    ];
    await account.events.call('PutEvents', { Entries });
    expect(left('hook').map(({ body }) => JSON.parse(body).message.id)).toEqual(['own']);
  });
});
