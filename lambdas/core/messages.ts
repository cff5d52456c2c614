import { createHash } from 'node:crypto';
import type { OutboxMessage, RecordedFailure } from './rows.ts';

type Facts = OutboxMessage['detail'];

/** A certificate was issued for the first time: told. */
export function issuedMessage(
  certificate: string,
  domains: readonly string[],
  facts: Facts & { readonly version: string; readonly notAfter: number },
  at: number,
): OutboxMessage {
  return buildMessage('certificate.issued', true, certificate, facts.version, at, {
    subject: `Perennial: ${certificate} has its first certificate`,
    body: [
      `The certificate "${certificate}" for ${domains.join(', ')} was issued.`,
      `It ends at ${iso(facts.notAfter)}; Perennial renews it before that. Nothing is to be done.`,
    ],
    facts,
  });
}

/** A renewal: an event only. */
export function renewedMessage(
  certificate: string,
  facts: Facts & { readonly version: string; readonly notAfter: number },
  at: number,
): OutboxMessage {
  return buildMessage('certificate.renewed', false, certificate, facts.version, at, {
    subject: `Perennial: ${certificate} was renewed`,
    body: [`The certificate "${certificate}" was renewed and now ends at ${iso(facts.notAfter)}.`],
    facts,
  });
}

/** The CA has issued for another lifetime than before: an event only, since Perennial goes by the certificate. */
export function lifetimeChangedMessage(
  certificate: string,
  facts: Facts & { readonly version: string; readonly beforeMs: number; readonly lifeMs: number },
  at: number,
): OutboxMessage {
  const [before, life] = [facts.beforeMs, facts.lifeMs].map((ms) => (ms / 86_400_000).toFixed(1));
  return buildMessage('certificate.lifetime-changed', false, certificate, facts.version, at, {
    subject: `Perennial: ${certificate} now lives ${life} days`,
    body: [
      `The CA issued "${certificate}" for ${life} days instead of ${before}; its renewal follows the certificate.`,
    ],
    facts,
  });
}

/** None of the chains that the CA offers has the preferred issuer: an event only; the default chain is served. */
export function otherChainMessage(
  certificate: string,
  facts: Facts & { readonly version: string; readonly preferred: string; readonly issuers: string },
  at: number,
): OutboxMessage {
  return buildMessage('certificate.other-chain', false, certificate, facts.version, at, {
    subject: `Perennial: ${certificate} is not under ${facts.preferred}`,
    body: [
      `The CA offers no chain under "${facts.preferred}" for "${certificate}".`,
      `The default chain is served: ${facts.issuers}.`,
    ],
    facts,
  });
}

/** Something failed for a while and works again: told. */
export function recoveredMessage(
  certificate: string,
  what: string,
  failure: RecordedFailure,
  at: number,
): OutboxMessage {
  return buildMessage('certificate.recovered', true, certificate, `${what} ${failure.since}`, at, {
    subject: `Perennial: ${certificate}${what === 'renewal' ? '' : `: ${what}`} has recovered`,
    body: [
      `${capital(what)} of "${certificate}" works again.`,
      `It had failed ${failure.count} time(s) since ${iso(failure.since)}; the last time: ${failure.message}`,
    ],
    facts: { what, since: failure.since, count: failure.count, code: failure.code },
  });
}

/** The CA had lost its account: told, because what hung on it is lost with it. */
export function registeredAgainMessage(ca: string, lostUrl: string, url: string, at: number): OutboxMessage {
  return buildMessage('account.registered-again', true, `account at ${ca}`, `${lostUrl} ${url}`, at, {
    subject: `Perennial: ${ca} had lost its account`,
    body: [
      `${ca} knew the account ${lostUrl} no more; its key was registered again, as ${url}.`,
      'Its authorizations and the exemption of renewals from rate limits are lost with it. CAA records with an accounturi must name the new one.',
      'Nothing else is to be done, unless nobody meant the account to go: then ask the CA.',
    ],
    facts: { ca, lostUrl, url },
  });
}

/** A CA says why it suggests another time for a renewal: told to people by `notify`, else an event only. */
export function renewalMovedMessage(
  certificate: string,
  facts: Facts & {
    readonly ca: string;
    readonly version: string;
    readonly renewAt: number;
    readonly windowStart: number;
    readonly windowEnd: number;
    readonly explanationUrl: string;
  },
  notify: boolean,
  at: number,
): OutboxMessage {
  const { ca, explanationUrl, version } = facts;
  return buildMessage('certificate.renewal-moved', notify, certificate, `${version} ${explanationUrl}`, at, {
    subject: `Perennial: ${ca} explains when ${certificate} is to be renewed`,
    body: [
      `${ca} suggests that "${certificate}" be renewed between ${iso(facts.windowStart)} and ${iso(facts.windowEnd)}. Its reason: ${explanationUrl}`,
      `Perennial renews it at ${iso(facts.renewAt)}; nothing is to be done.`,
      'Other certificates with the same reason are events only.',
    ],
    facts,
  });
}

/** Something that is no failure and may become one; `notify` where a person should mend it. */
export type Warning = { readonly code: string; readonly message: string; readonly notify: boolean };

/** A renewal goes on, and yet something is not as it should be: told to people by `notify`, else an event only. */
export function warningMessage(certificate: string, { code, message, notify }: Warning, at: number): OutboxMessage {
  return buildMessage('certificate.warning', notify, certificate, `${code} ${message}`, at, {
    subject: `Perennial: a warning about ${certificate} (${code})`,
    body: [message, 'Its renewal goes on all the same.'],
    facts: { code },
  });
}

/** What else a message about a failure says. */
export type FailureContext = {
  readonly what: string;
  readonly nextTryAt: number;
  /** The last twentieth of what is served has begun. */
  readonly urgent: boolean;
  readonly endsAt?: number | undefined;
  /** What depends on it, where that is not what `endsAt` says. */
  readonly standing?: string;
};

/** Something began to fail, or failed for another reason: told, with the next action. */
export function failingMessage(
  event: 'certificate.failing' | 'certificate.push-failing',
  certificate: string,
  failure: RecordedFailure,
  { what, nextTryAt, urgent, endsAt, standing = standingOf(endsAt) }: FailureContext,
): OutboxMessage {
  const about = `${what} ${failure.since} ${failure.class} ${failure.code}${urgent ? ' urgent' : ''}`;
  const facts = {
    what,
    class: failure.class,
    code: failure.code,
    since: failure.since,
    nextTryAt,
    ...(endsAt === undefined ? {} : { endsAt }),
    ...(urgent && { urgent }),
  };
  return buildMessage(event, true, certificate, about, failure.at, {
    subject: `Perennial: ${certificate}: ${what} fails${urgent ? ' and is urgent' : ''} (${failure.code})`,
    body: [
      `${capital(what)} of "${certificate}" failed: ${failure.message}`,
      ...requestIdLine(failure),
      standing,
      `Perennial tries again at ${iso(nextTryAt)}.`,
      actionFor(failure),
    ],
    facts,
  });
}

function standingOf(endsAt: number | undefined): string {
  return endsAt === undefined ? 'Nothing is served yet.' : `What is served ends at ${iso(endsAt)}.`;
}

/** A target serves the new version: an event only. */
export function pushedMessage(
  certificate: string,
  facts: Facts & { readonly version: string; readonly target: string },
  at: number,
): OutboxMessage {
  return buildMessage('certificate.pushed', false, certificate, `${facts.target} ${facts.version}`, at, {
    subject: `Perennial: ${certificate} is served by ${facts.target}`,
    body: [`The target "${facts.target}" serves version ${facts.version} of "${certificate}".`],
    facts,
  });
}

/** A target that is no longer declared still serves a certificate that nothing renews, and its end is near: told. */
export function retiredServedMessage(
  certificate: string,
  { target, place }: { readonly target: string; readonly place: string },
  { sha256, notAfter }: { readonly sha256: string; readonly notAfter: number },
  at: number,
): OutboxMessage {
  return buildMessage('certificate.retired-served', true, certificate, `${target} ${sha256}`, at, {
    subject: `Perennial: ${certificate} ends on ${target} and is not renewed`,
    body: [
      `The certificate "${certificate}" is no longer in the configuration for its target "${target}", but ${place} still serves it.`,
      `It ends at ${iso(notAfter)} and is not renewed.`,
      'A person must act: put it back into the configuration, or have something else served there.',
    ],
    facts: { version: sha256, target, notAfter },
  });
}

/** Something still serves what a target has superseded, which no renewal reaches: told. */
export function supersededInUseMessage(
  {
    certificate,
    target,
    now: successor,
  }: { readonly certificate: string; readonly target: string; readonly now: string },
  remoteId: string,
  at: number,
): OutboxMessage {
  return buildMessage('certificate.action-needed', true, certificate, `${target} ${remoteId}`, at, {
    subject: `Perennial: ${certificate}: what ${target} has superseded is still used`,
    body: [
      `The target "${target}" of "${certificate}" has its certificate as ${successor} now, because ${remoteId} could not take it.`,
      'Something still serves the old one, to which no renewal comes any more.',
      `A person must act: use ${successor} wherever ${remoteId} is used. Perennial deletes the old one then.`,
    ],
    facts: { target, superseded: remoteId, successor },
  });
}

/** A person tries whether alerts arrive: told. `id` makes each try another message. */
export function alertsTestMessage(stack: string, id: string, at: number): OutboxMessage {
  return buildMessage('alerts.test', true, `stack ${stack}`, id, at, {
    subject: `Perennial: a test of the alerts of ${stack}`,
    body: ['A person has sent this to see whether alerts arrive. It did. Nothing is to be done.'],
    facts: { stack },
  });
}

/** What the CA's support asks for. */
function requestIdLine({ ca, requestId }: RecordedFailure): readonly string[] {
  return ca === undefined || requestId === undefined ? [] : [`${ca} calls the request ${requestId}.`];
}

function actionFor(failure: RecordedFailure): string {
  if (failure.url !== undefined) return `A person must open ${failure.url}`;
  if (failure.class === 'person') return 'A person must act: the failure above says what is missing.';
  return 'Nothing is to be done yet.';
}

/** What a message says. */
export type Content = { readonly subject: string; readonly body: readonly string[]; readonly facts: Facts };

/** The id follows from what the message says, so that a message written twice is still one. */
export function buildMessage(
  event: OutboxMessage['event'],
  notify: boolean,
  certificate: string,
  about: string,
  at: number,
  content: Content,
): OutboxMessage {
  const id = createHash('sha256')
    .update(JSON.stringify([event, certificate, about]))
    .digest('hex')
    .slice(0, 24);
  return {
    id,
    event,
    notify,
    at,
    certificate,
    subject: content.subject,
    body: content.body.join('\n'),
    detail: content.facts,
  };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function iso(at: number): string {
  return new Date(at).toISOString();
}
