/** Order states of RFC 8555 section 7.1.6. */
export const ORDER_STATUSES = ['pending', 'ready', 'processing', 'valid', 'invalid'] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

/** A status the program does not know is "not yet": it is read again until the order expires. */
export function knownOrderStatus(status: string): OrderStatus | undefined {
  return ORDER_STATUSES.find((known) => known === status);
}

const ALLOWED: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  pending: ['pending', 'ready', 'processing', 'valid', 'invalid'],
  ready: ['ready', 'processing', 'valid', 'invalid'],
  processing: ['processing', 'valid', 'invalid'],
  valid: ['valid', 'invalid'],
  invalid: ['invalid'],
};

/**
 * Whether an order may be seen as `to` after it was seen as `from`: RFC 8555 section 7.1.6, states in between possibly
 * unseen. `valid` to `invalid` happens where status is computed at each read and the order has expired.
 */
export function isPossibleTransition(from: OrderStatus, to: OrderStatus): boolean {
  return ALLOWED[from].includes(to);
}
