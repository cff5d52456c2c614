import type { AcmeOrder } from '../acme/objects.ts';
import type { AcmeSession } from '../acme/session.ts';
import { StepFailure } from '../core/failure.ts';
import { inParallel } from '../core/in-parallel.ts';
import type { Problem } from '../core/problem.ts';
import { parseProblem, validationFailure } from '../core/problem.ts';
import type { HeldSlot } from './held-slot.ts';
import type { OrderPorts } from './ports.ts';
import { countFailures } from './reserve-limits.ts';
import { tellAuthorization } from './tell-authorization.ts';

/** An order that ended for a rate limit without saying until when: the next one not before this. Milliseconds. */
const LIMITED_MS = 3_600_000;

/** Authorizations read at the same time. */
const PARALLEL = 10;

/** How Let's Encrypt's failures at other vantage points than the first begin. */
const SECONDARY = /during secondary validation/i;

/** The order is invalid: forgets it (a read showed that it can issue nothing) and throws the CA's reason. */
export async function failInvalid(
  ports: OrderPorts,
  slot: HeldSlot,
  session: AcmeSession,
  seen: AcmeOrder,
): Promise<never> {
  const { order } = slot;
  const ca = order?.ca.name ?? 'the CA';
  const now = ports.clock.now();
  const isValidated = order?.finalizeIntent !== undefined;
  const failed = isValidated && seen.error !== undefined ? [] : await failedOf(slot, session, seen.authorizations);
  const reason = seen.error ?? reasonOf(failed);
  if (order !== undefined)
    await countFailures(
      ports,
      order.ca,
      failed.map(({ domain }) => domain),
    );
  const details = [reason, ...reason.subproblems].map(({ detail }) => detail);
  const isSecondary = details.some((detail) => SECONDARY.test(detail));
  await slot.save({ order: undefined, ...(isSecondary ? { secondaryFailedAt: now } : {}) });
  const { detail } = validationFailure(reason, ca, now);
  const limited = detail.class === 'later' ? { retryAt: seen.retryAt ?? now + LIMITED_MS } : {};
  throw new StepFailure({ ...detail, ...limited });
}

/** An authorization that ended the order, and why. */
type Failed = { readonly domain: string; readonly problem?: Problem };

/** Where the order gives no error, its authorizations do (RFC 8555 section 7.1.4). */
async function failedOf(slot: HeldSlot, session: AcmeSession, urls: readonly string[]): Promise<readonly Failed[]> {
  const read = await inParallel([...urls.entries()], PARALLEL, async ([index, url]): Promise<readonly Failed[]> => {
    const authorization = await session.authorization(url);
    tellAuthorization(slot, index, authorization);
    const { domain, status, challenges } = authorization;
    const problem = challenges.find(({ error }) => error !== undefined)?.error;
    if (problem !== undefined) return [{ domain, problem }];
    return status === 'invalid' ? [{ domain }] : [];
  });
  return read.flat();
}

/** The first reason, with every other name that failed beside it. */
function reasonOf(failed: readonly Failed[]): Problem {
  const reasons = failed.flatMap(({ domain, problem }) => (problem === undefined ? [] : [{ domain, problem }]));
  const [first, ...others] = reasons;
  if (first === undefined) return parseProblem({});
  const subproblems = others.map(({ domain, problem: { type, detail } }) => ({ type, detail, identifier: domain }));
  return {
    ...first.problem,
    detail: `${first.domain}: ${first.problem.detail}`,
    subproblems: [...first.problem.subproblems, ...subproblems],
  };
}
