import type { SlotOrder } from './rows.ts';

const HOUR_MS = 3_600_000;

/** No CA keeps an order for longer; for orders that came without `expires`, which RFC 8555 section 7.1.3 asks for. Milliseconds. */
const LONGEST_ORDER_MS = 8 * 24 * HOUR_MS;

/** A validation that has not ended so long before its authorization does will not end well. Milliseconds. */
const MARGIN_MS = 60_000;

/**
 * From when on an order that is neither valid nor invalid can lead to nothing any more: its expiry, and an hour more where a
 * finalize was sent for it. Milliseconds since the epoch.
 */
export function orderEndsAt({
  expires,
  createdAt,
  finalizeIntent,
}: Pick<SlotOrder, 'expires' | 'createdAt' | 'finalizeIntent'>): number {
  return (expires ?? createdAt + LONGEST_ORDER_MS) + (finalizeIntent === undefined ? 0 : HOUR_MS);
}

/** From when on a pending order is given up: shortly before it, or an authorization of it that is not valid yet, expires. */
export function validationEndsAt(order: Pick<SlotOrder, 'expires' | 'createdAt' | 'authorizationsExpire'>): number {
  const orderEnd = order.expires ?? order.createdAt + LONGEST_ORDER_MS;
  return Math.min(orderEnd, order.authorizationsExpire ?? orderEnd) - MARGIN_MS;
}

/** A parked order is found by a sweep, which comes at latest so long after it is due. Milliseconds. */
const SWEEP_MS = 30 * 60_000;

/** When to look again at an order whose CA asks for a wait: then, but in time before the order ends. Milliseconds since the epoch. */
export function lookBeforeEnd(retryAt: number | undefined, expires: number | undefined): number | undefined {
  return retryAt === undefined || expires === undefined ? retryAt : Math.min(retryAt, expires - SWEEP_MS);
}
