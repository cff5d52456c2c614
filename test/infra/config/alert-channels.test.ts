import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../infra/config/resolve.ts';

const CERTIFICATE = { name: 'shop', domains: ['shop.example'], cas: ['letsencrypt'] };
const resolved = (alerts: unknown) => resolveConfig({ certificates: [CERTIFICATE], alerts }).alerts;

function refusal(alerts: unknown): string {
  try {
    resolved(alerts);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error('it was accepted');
}

const channels = (one: unknown) => ({ channels: { one } });

describe('Channels of the alerts', () => {
  it('are a way to tell people by themselves', () => {
    expect(resolved({ channels: { team: { type: 'slack', secret: 'perennial/slack' } } })).toEqual({
      email: [],
      https: [],
      sqs: [],
      channels: [{ name: 'team', type: 'slack', secretName: 'perennial/slack' }],
    });
  });

  it('may be of every kind, in the order of their names', () => {
    const secret = 'perennial/it';
    const simple = ['slack', 'teams', 'dingtalk', 'wecom', 'feishu', 'webhook'] as const;
    for (const type of simple)
      expect(resolved(channels({ type, secret })).channels).toEqual([{ name: 'one', type, secretName: secret }]);
    const all = {
      q: { type: 'amazon-q' },
      phone: { type: 'telegram', secret, chatId: '-1001234567890' },
      duty: { type: 'pagerduty', secret, region: 'eu' },
      other: { type: 'pagerduty', secret },
    };
    expect(resolved({ channels: all }).channels).toEqual([
      { name: 'duty', type: 'pagerduty', secretName: secret, region: 'eu' },
      { name: 'other', type: 'pagerduty', secretName: secret },
      { name: 'phone', type: 'telegram', secretName: secret, chatId: '-1001234567890' },
      { name: 'q', type: 'amazon-q' },
    ]);
  });

  it.each([
    [
      { channels: {} },
      "alerts is {\"channels\":{}}: write { email: ['you@your.domain'] }, https or sqs with valid addresses, channels, or 'none'",
    ],
    [channels({ type: 'icq', secret: 'a' }), 'alerts.channels.one.type is "icq": write one of slack, teams,'],
    [
      channels({ type: 'slack' }),
      'alerts.channels.one.secret is missing: write the name of a secret of Secrets Manager',
    ],
    [channels({ type: 'slack', secret: 'https://hooks.slack.com/services/T/B/x' }), 'never the URL or token itself'],
    [
      channels({ type: 'slack', secret: 'a', url: 'https://x.example/' }),
      'alerts.channels.one.url is "https://x.example/": remove it, there is no such field',
    ],
    [
      channels({ type: 'amazon-q', secret: 'a' }),
      'alerts.channels.one.secret is "a": remove it, there is no such field',
    ],
    [
      channels({ type: 'telegram', secret: 'a' }),
      'alerts.channels.one.chatId is missing: write the id of the chat as text',
    ],
    [
      channels({ type: 'telegram', secret: 'a', chatId: -100 }),
      'alerts.channels.one.chatId is -100: write the id of the chat as text',
    ],
    [
      channels({ type: 'pagerduty', secret: 'a', region: 'us' }),
      'alerts.channels.one.region is "us": write \'eu\', or leave it out',
    ],
    [
      { channels: { 'My team': { type: 'amazon-q' } } },
      'write the name of a channel: up to 32 of a-z, 0-9 and "-", first a letter',
    ],
    [
      { channels: Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`c${at}`, { type: 'amazon-q' }])) },
      'write at most 8 channels',
    ],
    [{ channels: 'slack' }, 'alerts.channels is "slack": write channels by name: {'],
  ])('are refused with field, value and remedy: %j', (alerts, sentence) => {
    expect(refusal(alerts)).toContain(sentence);
  });
});
