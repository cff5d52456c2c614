import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SNSClient } from '@aws-sdk/client-sns';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { eventsPage, publishedSchemas } from '../../infra/events/published-schemas.ts';
import { createAlerts } from '../../lambdas/alerts/alerts.ts';
import * as messages from '../../lambdas/core/messages.ts';
import type { OutboxMessage, RecordedFailure } from '../../lambdas/core/rows.ts';
import * as watched from '../../lambdas/core/watch-messages.ts';
import type { OpenFinding } from '../../lambdas/core/watch-state.ts';
import { EventBridgeAccount } from '../../local/aws/eventbridge.ts';
import { connectFake } from '../../local/aws/seam.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'docs', 'events');

const AT = Date.UTC(2027, 0, 1);
const VERSION = 'a'.repeat(64);
const FAILURE: RecordedFailure = {
  class: 'person',
  code: 'caa',
  message: 'CAA forbids it',
  at: AT,
  since: AT,
  count: 1,
};
const CONTEXT = { what: 'renewal', nextTryAt: AT + 1, urgent: false, endsAt: AT + 2 };
const FINDING: OpenFinding = { kind: 'expiring', place: 'acm', level: 'at-risk', text: 'It ends.', since: AT };
const AT_RISK = watched.atRiskMessage('shop', [FINDING], undefined, AT);

/** One message of each kind, as the program builds it. */
const EXAMPLES: Readonly<Record<OutboxMessage['event'], OutboxMessage>> = {
  'certificate.issued': messages.issuedMessage('shop', ['shop.test'], { version: VERSION, notAfter: AT, ca: 'le' }, AT),
  'certificate.renewed': messages.renewedMessage('shop', { version: VERSION, notAfter: AT, ca: 'le' }, AT),
  'certificate.pushed': messages.pushedMessage('shop', { version: VERSION, target: 'acm' }, AT),
  'certificate.failing': messages.failingMessage('certificate.failing', 'shop', FAILURE, CONTEXT),
  'certificate.push-failing': messages.failingMessage('certificate.push-failing', 'shop', FAILURE, CONTEXT),
  'certificate.recovered': messages.recoveredMessage('shop', 'renewal', FAILURE, AT),
  'certificate.warning': messages.warningMessage('shop', { code: 'profile', message: 'Gone.', notify: true }, AT),
  'certificate.action-needed': messages.supersededInUseMessage(
    { certificate: 'shop', target: 'acm', now: 'arn:new' },
    'arn:old',
    AT,
  ),
  'certificate.at-risk': AT_RISK,
  'certificate.safe-again': watched.safeAgainMessage('shop', [FINDING], AT),
  'certificates.at-risk': watched.manyMessage([AT_RISK], AT),
  'certificates.safe-again': watched.manyMessage([watched.safeAgainMessage('shop', [FINDING], AT)], AT),
  'certificate.renewal-moved': messages.renewalMovedMessage(
    'shop',
    { ca: 'le', version: VERSION, renewAt: AT, windowStart: AT, windowEnd: AT, explanationUrl: 'https://ca.test/why' },
    true,
    AT,
  ),
  'certificate.lifetime-changed': messages.lifetimeChangedMessage(
    'shop',
    { version: VERSION, beforeMs: 90 * 86_400_000, lifeMs: 47 * 86_400_000 },
    AT,
  ),
  'certificate.other-chain': messages.otherChainMessage(
    'shop',
    { version: VERSION, preferred: 'X1', issuers: 'X2' },
    AT,
  ),
  'certificate.retired-served': messages.retiredServedMessage(
    'shop',
    { target: 'acm', place: 'shop.test' },
    { sha256: VERSION, notAfter: AT },
    AT,
  ),
  'account.registered-again': messages.registeredAgainMessage('le', 'https://ca.test/1', 'https://ca.test/2', AT),
  'watch.blind': watched.sightMessage('denied', AT, AT),
  'watch.sees-again': watched.sightMessage(undefined, AT, AT),
  'alerts.test': messages.alertsTestMessage('Perennial', 'one', AT),
  'watch.subscriptions': watched.subscriptionsMessage([], { certificates: 1, isFirst: true }, AT),
};

describe('The schemas of events', () => {
  it('are published as the program has them; `npm run events` writes them anew', () => {
    const published = publishedSchemas();
    expect(readdirSync(FOLDER).sort()).toEqual(['README.md', ...Object.keys(published)].sort());
    for (const [name, text] of Object.entries(published)) expect(readFileSync(join(FOLDER, name), 'utf8')).toBe(text);
    expect(readFileSync(join(FOLDER, 'README.md'), 'utf8')).toBe(eventsPage());
  });

  it.each(Object.entries(EXAMPLES))('%s is put on the bus as its JSON Schema says', async (name, message) => {
    expect(message.event).toBe(name);
    const bus = new EventBridgeAccount({ now: () => AT });
    const client = { region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
    const eventBridge = connectFake(new EventBridgeClient(client), bus);
    const alerts = createAlerts({ eventBridge, sns: new SNSClient(client), topicArn: '' });
    await alerts.publish({ ...message, notify: false });
    const [event] = bus.events();
    const validate = new Ajv2020().compile(JSON.parse(publishedSchemas()[`${name}.json`] ?? '{}'));
    expect(event).toMatchObject({ source: 'perennial', detailType: name, time: AT });
    expect([validate(event?.detail), validate.errors]).toEqual([true, null]);
    expect(validate({ ...(event?.detail as object), another: 1 })).toBe(false);
  });
});
