import type { Alert } from '../../core/alert.ts';
import { phaseOf, threadOf } from '../../core/alert-thread.ts';
import type { HttpChannelDeclaration } from '../../core/channel-declaration.ts';
import { cutText } from '../cut.ts';
import { answerFields } from './answer-fields.ts';
import { type HttpChannel, jsonRequest } from './channel.ts';
import { piecesOf } from './text.ts';

const URLS = {
  us: 'https://events.pagerduty.com/v2/enqueue',
  eu: 'https://events.eu.pagerduty.com/v2/enqueue',
} as const;

// https://developer.pagerduty.com/docs/send-alert-event: 1024 characters of summary; 512 KB of all.
const LONGEST_SUMMARY = 1_024;
const LONGEST_BODY = 20_000;

/**
 * A service of PagerDuty, by the Events API v2. What begins triggers, its end resolves by the same key; news wake nobody.
 * https://developer.pagerduty.com/docs/events-api-v2-overview
 */
export const PAGERDUTY: HttpChannel<Extract<HttpChannelDeclaration, { type: 'pagerduty' }>> = {
  secretFields: ['routingKey'],
  request: (alert, { routingKey = '' }, { region }) => {
    const url = URLS[region ?? 'us'];
    const phase = phaseOf(alert);
    if (phase === 'news') return undefined;
    const event = { routing_key: routingKey, dedup_key: threadOf(alert) };
    if (phase === 'ends') return jsonRequest(url, { ...event, event_action: 'resolve' });
    return jsonRequest(url, {
      ...event,
      event_action: 'trigger',
      payload: payloadOf(alert),
      links: linksOf(alert),
    });
  },
  refusal: (answer) => {
    if (answer.status === 202) return undefined;
    const { message } = answerFields(answer);
    return { reason: `PagerDuty answered ${answer.status} instead of 202: ${message ?? 'no reason'}`, isBusy: true };
  },
};

function payloadOf(alert: Alert): object {
  const { subject, body, certificate, event, at, topicArn, id, facts } = alert;
  return {
    summary: cutText(subject, LONGEST_SUMMARY),
    source: `perennial ${topicArn}`,
    severity: severityOf(alert),
    timestamp: new Date(at).toISOString(),
    component: certificate,
    class: event,
    custom_details: { ...facts, id, body: cutText(body, LONGEST_BODY) },
  };
}

/** Critical where the end of what is served is near, error where a person must act, warning where Perennial still tries itself. */
export function severityOf({ event, facts }: Pick<Alert, 'event' | 'facts'>): 'critical' | 'error' | 'warning' {
  if (event.endsWith('.at-risk') || facts.urgent === true) return 'critical';
  const needsPerson =
    facts.class === 'person' ||
    ['certificate.action-needed', 'certificate.retired-served', 'watch.blind'].includes(event);
  return needsPerson ? 'error' : 'warning';
}

function linksOf({ body }: Alert): readonly object[] {
  return piecesOf(body).flatMap(({ url }) => (url === undefined ? [] : [{ href: url, text: url }]));
}
