import type { AcmeOrder } from '../acme/objects.ts';
import { orderEndsAt } from '../core/order-end.ts';
import type { OrderStatus, Transition } from '../core/order-status.ts';
import { judgeTransition, knownOrderStatus } from '../core/order-status.ts';
import type { AcmeRequest } from '../core/problem.ts';
import type { SlotOrder } from '../core/rows.ts';
import type { HeldSlot } from './held-slot.ts';
import type { OrderPorts } from './ports.ts';

/** An order as just read: `gone` when the CA no longer knows it, `waiting` for a status that is unknown or impossible. */
export type OrderReading =
  | { readonly kind: 'read'; readonly status: OrderStatus; readonly order: AcmeOrder }
  | { readonly kind: 'waiting'; readonly retryAt?: number }
  /** `certain`: the order has expired, or the account that placed it is no more. */
  | { readonly kind: 'gone'; readonly certain: boolean };

/** A `ready` order that has read `pending` for so long is pending: its authorizations are looked at again. Milliseconds. */
const BELIEVED_MS = 30_000;

/**
 * Stores what was seen of an order: status, expiry, and the certificate's URL as soon as there is one. A status that is unknown,
 * or impossible after the one before, is told and read again until the order's end; never acted on.
 */
export async function noteOrder(
  ports: OrderPorts,
  slot: HeldSlot,
  seen: AcmeOrder,
  request: AcmeRequest,
): Promise<OrderReading> {
  const stored = slot.order;
  if (stored === undefined) return { kind: 'waiting' };
  const now = ports.clock.now();
  const transition = judgeTransition('order', stored.status, seen.status);
  tell(slot, stored, seen, transition, request);
  const status = knownOrderStatus(seen.status);
  const isDoubtful = status === undefined || (transition === 'impossible' && !isBelieved(stored, status, now));
  if (isDoubtful) return doubt(slot, stored, seen, now);
  const { doubt: _settled, ...rest } = transition === 'impossible' ? withoutChallenges(stored) : stored;
  const order = { ...rest, ...whatToKeep(seen), status, statusAt: now, statusFence: slot.lease.fence };
  await slot.save({ order });
  const isFinal = status === 'valid' || status === 'invalid';
  if (!isFinal && now >= orderEndsAt(order)) return { kind: 'gone', certain: true };
  return { kind: 'read', status, order: seen };
}

/** Every change of status, and every doubt once. */
function tell(
  slot: HeldSlot,
  stored: SlotOrder,
  { url, status: to, requestId }: AcmeOrder,
  transition: Transition,
  request: AcmeRequest,
): void {
  if (transition === 'same' || stored.doubt?.status === to) return;
  slot.history.add({
    kind: 'seen',
    of: 'order',
    name: url,
    ...(stored.status === undefined ? {} : { from: stored.status }),
    to,
    transition,
    request,
    ...(requestId === undefined ? {} : { requestId }),
  });
}

/**
 * RFC 8555 has no way back from `ready`, but a CA whose authorizations have run out may show one (finalize is then refused as
 * orderNotReady). A lagging replica shows it for a moment; a CA that means it goes on, and going back to the authorizations
 * does no harm. No other impossible status is ever believed.
 */
function isBelieved({ status: before, doubt }: SlotOrder, status: string, now: number): boolean {
  const isWayBack = before === 'ready' && status === 'pending';
  return isWayBack && doubt?.status === status && now - doubt.since >= BELIEVED_MS;
}

async function doubt(slot: HeldSlot, stored: SlotOrder, seen: AcmeOrder, now: number): Promise<OrderReading> {
  const since = stored.doubt?.status === seen.status ? stored.doubt.since : now;
  const order = { ...stored, ...whatToKeep(seen), doubt: { status: seen.status, since } };
  if (stored.doubt?.status !== seen.status) await slot.save({ order });
  if (now >= orderEndsAt(order)) return { kind: 'gone', certain: true };
  return { kind: 'waiting', ...(seen.retryAt === undefined ? {} : { retryAt: seen.retryAt }) };
}

function withoutChallenges(order: SlotOrder): SlotOrder {
  const { challenges: _challenges, challengesAnsweredAt: _answered, authorizationStatuses: _statuses, ...rest } = order;
  return rest;
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
