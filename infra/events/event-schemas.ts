import { z } from 'zod';
import { EVENT_SCHEMA } from '../../lambdas/core/event-names.ts';
import type { OutboxMessage } from '../../lambdas/core/rows.ts';

const at = z.int().describe('milliseconds since the epoch');
const version = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .describe("SHA-256 of the leaf's DER, lower-case hex");
const url = z.string();

/** What every event has. */
const COMMON = {
  schema: z.literal(EVENT_SCHEMA).describe('number of these shapes; grows when one changes incompatibly'),
  id: z.string().describe('the same whenever an event is sent again'),
  certificate: z.string().describe('name of the certificate, or of what the event is about'),
  at,
  subject: z.string().describe('what happened, in a sentence for people'),
  notify: z.boolean().describe('whether people are told'),
  body: z.string().describe('what people are told'),
};

const event = (description: string, facts: z.ZodRawShape) =>
  z.strictObject({ ...COMMON, ...facts }).describe(description);

const failing = (description: string) =>
  event(description, {
    class: z.string().describe('how Perennial reacts: docs/architecture.md, failure classes'),
    code: z.string().describe('an ACME problem type, an AWS error name or one of Perennial’s own'),
    since: at,
    nextTryAt: at,
    what: z.string().optional().describe('what fails: renewal, a push, a clean-up'),
    urgent: z.boolean().optional().describe('the last twentieth of what is served has begun'),
    endsAt: at.optional().describe('when what is served ends'),
  });

/** The detail of each event that Perennial puts on the default bus, by its detail type. */
export const EVENT_SCHEMAS: Readonly<Record<OutboxMessage['event'], z.ZodType>> = {
  'certificate.issued': event('The first certificate was issued.', { version, notAfter: at, ca: z.string() }),
  'certificate.renewed': event('A certificate was renewed.', { version, notAfter: at, ca: z.string() }),
  'certificate.pushed': event('A target serves a version, proven.', { version, target: z.string() }),
  'certificate.failing': failing('A renewal began to fail, or fails for another reason, or has become urgent.'),
  'certificate.push-failing': failing('The push to a target began to fail, or has become urgent.'),
  'certificate.recovered': event('What had failed works again.', {
    since: at,
    count: z.int(),
    code: z.string(),
    what: z.string().describe('what had failed'),
  }),
  'certificate.warning': event('Something that may become a failure.', { code: z.string() }),
  'certificate.action-needed': event('Only a person can end it.', {
    target: z.string(),
    superseded: z.string(),
    successor: z.string(),
  }),
  'certificate.at-risk': event('Something is wrong where it is served, or its end is near.', {
    level: z.enum(['at-risk', 'urgent', 'expired']),
    kinds: z.string().describe('what was found, separated by commas'),
    places: z.string().describe('targets, separated by commas'),
    since: at,
  }),
  'certificate.safe-again': event('What was wrong is no more.', { kinds: z.string() }),
  'certificates.at-risk': event('So many at once that people got one message.', { count: z.int() }),
  'certificates.safe-again': event('So many at once are safe again.', { count: z.int() }),
  'certificate.renewal-moved': event('A CA explains why it suggests another time.', {
    ca: z.string(),
    version,
    renewAt: at,
    windowStart: at,
    windowEnd: at,
    explanationUrl: url,
  }),
  'certificate.lifetime-changed': event('A CA has issued for another lifetime than before.', {
    version,
    beforeMs: z.number(),
    lifeMs: z.number(),
  }),
  'certificate.other-chain': event('A CA offers no chain under the preferred issuer.', {
    version,
    preferred: z.string(),
    issuers: z.string(),
  }),
  'certificate.retired-served': event('What is no longer declared is still served, and ends soon.', {
    version,
    target: z.string(),
    notAfter: at,
  }),
  'account.registered-again': event('A CA had lost its account.', { ca: z.string(), lostUrl: url, url }),
  'watch.blind': event('The watch cannot read the table.', { since: at }),
  'watch.sees-again': event('The watch reads the table again.', { since: at }),
  'alerts.test': event('A person tries whether alerts arrive.', { stack: z.string() }),
  'watch.subscriptions': event('Who is told has changed.', {
    certificates: z.int(),
    subscriptions: z.int(),
    unconfirmed: z.int(),
  }),
};
