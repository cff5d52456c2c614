import { AcmeError } from '../acme/error.ts';
import type { AcmeSession } from '../acme/session.ts';
import { classOf } from '../core/problem.ts';
import type { SlotOrder } from '../core/rows.ts';
import type { HeldSlot } from './held-slot.ts';
import type { Look } from './in-step-wait.ts';
import type { OrderReading } from './note-order.ts';
import { noteOrder } from './note-order.ts';
import type { OrderPorts } from './ports.ts';

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
    return await noteOrder(ports, slot, await session.order(url), 'order');
  } catch (error) {
    if (!(error instanceof AcmeError)) throw error;
    slot.history.refused(error);
    return readingWithout(error, slot.order, ports.clock.now());
  }
}

/** What a read that failed says of the order; throws where it says nothing. */
function readingWithout(error: AcmeError, order: SlotOrder | undefined, now: number): OrderReading {
  const age = order?.expires === undefined ? Number.NEGATIVE_INFINITY : now - order.expires;
  if (age > PAST_EXPIRY_MS) return { kind: 'gone', certain: true };
  if (isGone(error)) return { kind: 'gone', certain: age > 0 };
  if (isAskedToWait(error)) {
    const { retryAt } = error.answer;
    return { kind: 'waiting', ...(retryAt === undefined ? {} : { retryAt }) };
  }
  throw error;
}

/** No failure, and the DNS values stay, since the CA may be validating. Bounded by the order's life. */
function isAskedToWait({ answer }: AcmeError): boolean {
  return classOf(answer) === 'later' || answer.status === 503;
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
