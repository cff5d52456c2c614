import { z } from 'zod';

const instant = z.iso.datetime();

const failure = z.strictObject({
  what: z.string(),
  code: z.string(),
  message: z.string(),
  since: instant,
  count: z.int(),
  nextTryAt: instant.optional(),
});

const target = z.strictObject({
  id: z.string(),
  kind: z.string(),
  desired: z.string().optional(),
  proven: z.string().optional(),
  state: z.enum(['proven', 'failing', 'on-its-way', 'nothing-yet']),
});

const certificate = z.strictObject({
  name: z.string(),
  domains: z.array(z.string()).min(1),
  ca: z.string(),
  state: z.enum(['retired', 'failing', 'at-risk', 'waiting-for-limit', 'running', 'due', 'fine']),
  needsAttention: z.boolean(),
  version: z.string().length(64).optional(),
  notBefore: instant.optional(),
  notAfter: instant.optional(),
  daysLeft: z.int().optional(),
  nextRenewalAt: instant.optional(),
  runUntil: instant.optional(),
  failures: z.array(failure),
  limit: z.strictObject({ kind: z.string(), scope: z.string(), ca: z.string(), until: instant }).optional(),
  targets: z.array(target),
});

const attempt = z.strictObject({
  attempt: z.string(),
  startedAt: instant,
  lastAt: instant,
  outcome: z.enum(['running', 'parked', 'held', 'superseded', 'issued', 'failed']),
  execution: z.string(),
  entries: z.array(z.looseObject({ at: instant, step: z.string(), kind: z.string() })),
  dropped: z.int(),
});

/** What `--json` prints, by command. */
export const SCHEMAS = {
  status: z.strictObject({
    stack: z.string(),
    now: instant,
    certificates: z.array(certificate),
    unreadable: z.array(z.string()),
  }),
  statusOfOne: z.strictObject({ stack: z.string(), now: instant, certificate, attempts: z.array(attempt) }),
  renew: z.strictObject({
    certificate: z.string(),
    result: z.enum(['started', 'already-running', 'not-needed', 'must-wait', 'not-started']),
    message: z.string(),
    execution: z.string().optional(),
    warnings: z.array(z.string()),
    run: z
      .discriminatedUnion('end', [
        z.strictObject({ end: z.literal('renewed'), version: z.string().length(64) }),
        z.strictObject({
          end: z.literal('failed'),
          code: z.string(),
          message: z.string(),
          nextTryAt: instant.optional(),
        }),
        z.strictObject({ end: z.literal('put-off'), nextTryAt: instant.optional() }),
      ])
      .optional(),
    targets: z
      .array(
        z.strictObject({
          target: z.string(),
          end: z.enum(['proven', 'failed', 'still-on-its-way']),
          message: z.string().optional(),
        }),
      )
      .optional(),
  }),
  doctor: z.strictObject({
    stack: z.string(),
    now: instant,
    checks: z.array(
      z.strictObject({ name: z.string(), ok: z.boolean(), message: z.string(), remedy: z.string().optional() }),
    ),
    patterns: z
      .array(
        z.strictObject({ kind: z.string(), words: z.string(), remedy: z.string(), certificates: z.array(z.string()) }),
      )
      .optional(),
  }),
  alertsTest: z.strictObject({
    sent: z.string(),
    topicArn: z.string(),
    subscriptions: z.array(
      z.strictObject({ protocol: z.string(), endpoint: z.string(), state: z.enum(['confirmed', 'not confirmed']) }),
    ),
  }),
  error: z.strictObject({ error: z.string() }),
};

/** The one line of JSON that a command has printed, as its schema says. */
export function parsed<Schema extends z.ZodType>(schema: Schema, out: string): z.infer<Schema> {
  return schema.parse(JSON.parse(out));
}
