import { describe, expect, it } from 'vitest';
import { PAGERDUTY, severityOf } from '../../../../lambdas/alerts/channels/pagerduty.ts';
import type { Alert } from '../../../../lambdas/core/alert.ts';
import { threadOf } from '../../../../lambdas/core/alert-thread.ts';
import { failingMessage, recoveredMessage } from '../../../../lambdas/core/messages.ts';
import type { OutboxMessage, RecordedFailure } from '../../../../lambdas/core/rows.ts';
import { ALERT, NOW } from './alert.ts';

const FAILURE: RecordedFailure = {
  class: 'caSide',
  code: 'http500',
  message: 'told so',
  at: NOW,
  since: NOW - 1,
  count: 2,
};

function alertOf({ detail, notify: _notify, ...message }: OutboxMessage): Alert {
  return { ...message, facts: detail, topicArn: ALERT.topicArn };
}

function sent(alert: Alert, region?: 'eu') {
  const declaration = { name: 'duty', type: 'pagerduty' as const, secretName: 'x', ...(region && { region }) };
  const request = PAGERDUTY.request(alert, { routingKey: 'R'.repeat(32) }, declaration, NOW);
  return request && { url: request.url, ...JSON.parse(request.body) };
}

const failing = (what: string, failure = FAILURE, certificate = 'shop', urgent = false) =>
  alertOf(failingMessage('certificate.failing', certificate, failure, { what, nextTryAt: NOW, urgent, endsAt: NOW }));
const recovered = (what: string) => alertOf(recoveredMessage('shop', what, FAILURE, NOW));
const at = (event: string, facts: Alert['facts'] = {}, change: Partial<Alert> = {}): Alert => ({
  ...ALERT,
  event,
  facts,
  ...change,
});

describe('PagerDuty', () => {
  it.each(['renewal', 'push to acm', 'publishing the ARN of acm'])('has %s resolved by its recovery', (what) => {
    expect(sent(failing(what))).toMatchObject({ event_action: 'trigger' });
    expect(sent(recovered(what))).toEqual({
      url: 'https://events.pagerduty.com/v2/enqueue',
      routing_key: 'R'.repeat(32),
      event_action: 'resolve',
      dedup_key: sent(failing(what)).dedup_key,
    });
  });

  it('has one incident while the reason changes, and while it becomes urgent', () => {
    const other = failing('renewal', { ...FAILURE, code: 'caa', class: 'person', since: NOW + 5 });
    expect(sent(other).dedup_key).toBe(sent(failing('renewal')).dedup_key);
    expect(sent(failing('renewal', FAILURE, 'shop', true)).dedup_key).toBe(sent(failing('renewal')).dedup_key);
  });

  it('resolves what is at risk when it is safe again', () => {
    expect(sent(at('certificate.safe-again')).dedup_key).toBe(
      sent(at('certificate.at-risk', { level: 'urgent' })).dedup_key,
    );
    expect(sent(at('certificate.safe-again')).event_action).toBe('resolve');
    expect(sent(at('certificate.at-risk')).dedup_key).not.toBe(sent(failing('renewal')).dedup_key);
  });

  it('tells certificates, what fails of them, and stacks apart', () => {
    const keys = [
      failing('renewal'),
      failing('push to acm'),
      failing('renewal', FAILURE, 'other'),
      { ...failing('renewal'), topicArn: 'arn:aws:sns:eu-west-1:123456789012:Other' },
      at('certificate.warning', {}, { id: 'one' }),
      at('certificate.warning', {}, { id: 'two' }),
    ].map(threadOf);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('has keys that fit, however long the names', () => {
    const long = (certificate: string) => threadOf(failing('renewal', FAILURE, certificate));
    expect(long('x'.repeat(500)).length).toBeLessThanOrEqual(200);
    expect(long(`${'x'.repeat(500)}1`)).not.toBe(long(`${'x'.repeat(500)}2`));
  });

  it.each(['certificate.issued', 'certificate.renewal-moved', 'account.registered-again'])(
    'is not woken by %s',
    (event) => {
      expect(sent(at(event))).toBeUndefined();
    },
  );

  it('is told what this version does not know', () => {
    expect(sent(at('certificate.of-the-future'))).toMatchObject({ event_action: 'trigger' });
  });

  it('of Europe has a host of its own', () => {
    expect(sent(failing('renewal'), 'eu').url).toBe('https://events.eu.pagerduty.com/v2/enqueue');
  });

  it.each([
    [failing('renewal'), 'warning'],
    [failing('renewal', { ...FAILURE, class: 'person' }), 'error'],
    [failing('renewal', FAILURE, 'shop', true), 'critical'],
    [at('certificate.at-risk', { level: 'at-risk' }), 'critical'],
    [at('certificates.at-risk'), 'critical'],
    [at('certificate.action-needed'), 'error'],
    [at('certificate.warning'), 'warning'],
  ])('has a severity: $event', (alert, severity) => {
    expect(severityOf(alert)).toBe(severity);
  });
});
