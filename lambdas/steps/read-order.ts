import { AcmeError } from '../acme/error.ts';
import type { AcmeAuthorization, AcmeOrder, AcmeSession } from '../acme/session.ts';
import { inParallel } from '../core/in-parallel.ts';
import type { OrderStatus } from '../core/order-status.ts';
import { isPossibleTransition, knownOrderStatus } from '../core/order-status.ts';
import type { Problem } from '../core/problem.ts';
import { classOf, parseProblem, validationFailure } from '../core/problem.ts';
import type { SlotOrder } from '../core/rows.ts';
import type { HeldSlot } from './held-slot.ts';
import type { Look } from './in-step-wait.ts';
import type { OrderPorts } from './ports.ts';
import { countFailures } from './reserve-limits.ts';

/** An order as just read: `gone` when the CA no longer knows it, `waiting` for a status that is unknown or impossible. */
export type OrderReading =
  | { readonly kind: 'read'; readonly status: OrderStatus; readonly order: AcmeOrder }
  | { readonly kind: 'waiting'; readonly retryAt?: number }
  /** `certain`: the order has expired, or the account that placed it is no more. */
  | { readonly kind: 'gone'; readonly certain: boolean };

/** Authorizations read at the same time. */
const PARALLEL = 10;

/** An order that cannot be read so long after its expiry is given up. Milliseconds. */
const PAST_EXPIRY_MS = 3_600_000;

/** Asks the CA what the order's state is, and stores it at once under this fence. */
export async function readOrder(
  ports: OrderPorts,
  slot: HeldSlot,
  session: AcmeSession,
  url: string,
): Promise<OrderReading> {
  const placedBy = slot.order?.accountUrl;
  if (placedBy !== undefined && placedBy !== session.accountUrl()) return { kind: 'gone', certain: true };
  try {
    return await noteOrder(ports, slot, await session.order(url));
  } catch (error) {
    if (error instanceof AcmeError) return readingWithout(error, slot.order, ports.clock.now());
    throw error;
  }
}

/** What a read that failed says of the order; throws where it says nothing. */
function readingWithout(error: AcmeError, order: SlotOrder | undefined, now: number): OrderReading {
  const age = order?.expires === undefined ? Number.NEGATIVE_INFINITY : now - order.expires;
  if (age > PAST_EXPIRY_MS) return { kind: 'gone', certain: true };
  if (isGone(error)) return { kind: 'gone', certain: age > 0 };
  const { retryAt } = error.answer;
  // Asked to wait: no failure, and the DNS values stay, since the CA may be validating.
  if (classOf(error.answer) === 'later' && retryAt !== undefined) return { kind: 'waiting', retryAt };
  throw error;
}

/** One look at an order that may still be on its way: over when there is something to act on. */
export async function lookAtOrder(
  ports: OrderPorts,
  slot: HeldSlot,
  session: AcmeSession,
  url: string,
): Promise<Look<OrderReading>> {
  const value = await readOrder(ports, slot, session, url);
  const retryAt = value.kind === 'read' ? value.order.retryAt : value.kind === 'waiting' ? value.retryAt : undefined;
  if (!isOnItsWay(value)) return { over: true, value };
  return { over: false, value, ...(retryAt === undefined ? {} : { retryAt }) };
}

function isOnItsWay(reading: OrderReading): boolean {
  if (reading.kind === 'waiting') return true;
  return reading.kind === 'read' && (reading.status === 'pending' || reading.status === 'processing');
}

/** Stores what was seen of an order: status, expiry, and the certificate's URL as soon as there is one. */
export async function noteOrder(ports: OrderPorts, slot: HeldSlot, seen: AcmeOrder): Promise<OrderReading> {
  const stored = slot.order;
  const status = knownOrderStatus(seen.status);
  const before = stored?.status === undefined ? undefined : knownOrderStatus(stored.status);
  const impossible = status !== undefined && before !== undefined && !isPossibleTransition(before, status);
  const retry = seen.retryAt === undefined ? {} : { retryAt: seen.retryAt };
  if (stored === undefined || status === undefined || impossible) return { kind: 'waiting', ...retry };
  await slot.save({
    order: { ...stored, ...whatToKeep(seen), status, statusAt: ports.clock.now(), statusFence: slot.lease.fence },
  });
  return { kind: 'read', status, order: seen };
}

function whatToKeep(seen: AcmeOrder): Partial<SlotOrder> {
  return {
    url: seen.url,
    finalizeUrl: seen.finalizeUrl,
    authorizations: seen.authorizations,
    ...(seen.expires === undefined ? {} : { expires: seen.expires }),
    ...(seen.certificateUrl === undefined ? {} : { certificateUrl: seen.certificateUrl }),
  };
}

/** What a lost order's certificate leads to; undefined where the CA has lost that too. */
export async function unlessGone<T>(collecting: () => Promise<T>): Promise<T | undefined> {
  try {
    return await collecting();
  } catch (error) {
    if (error instanceof AcmeError && error.answer.request === 'certificate' && isGone(error)) return undefined;
    throw error;
  }
}

/** Expired orders, unknown ones and another account's are 404 at most CAs. */
function isGone({ answer }: AcmeError): boolean {
  return answer.status === 404 || answer.status === 410;
}

/** The order is invalid: forgets it (a read showed that it can issue nothing) and throws the CA's reason. */
export async function failInvalid(
  ports: OrderPorts,
  slot: HeldSlot,
  session: AcmeSession,
  seen: AcmeOrder,
): Promise<never> {
  const { order } = slot;
  const ca = order?.ca.name ?? 'the CA';
  const isValidated = order?.finalizeIntent !== undefined;
  const failed = isValidated && seen.error !== undefined ? [] : await failedOf(session, seen.authorizations);
  const reason = seen.error ?? reasonOf(failed);
  if (order !== undefined)
    await countFailures(
      ports,
      order.ca,
      failed.map(({ domain }) => domain),
    );
  await slot.save({ order: undefined });
  throw validationFailure(reason, ca, ports.clock.now());
}

/** The authorizations that ended the order: where it gives no error itself, they do (RFC 8555 section 7.1.4). */
async function failedOf(session: AcmeSession, urls: readonly string[]): Promise<readonly AcmeAuthorization[]> {
  const failed: AcmeAuthorization[] = [];
  await inParallel(urls, PARALLEL, async (url) => {
    const authorization = await session.authorization(url);
    if (authorization.status === 'invalid' || errorOf(authorization) !== undefined) failed.push(authorization);
  });
  return failed;
}

function errorOf({ challenges }: AcmeAuthorization): Problem | undefined {
  return challenges.find(({ error }) => error !== undefined)?.error;
}

function reasonOf(failed: readonly AcmeAuthorization[]): Problem {
  for (const authorization of failed) {
    const error = errorOf(authorization);
    if (error !== undefined) return { ...error, detail: `${authorization.domain}: ${error.detail}` };
  }
  return parseProblem({});
}
