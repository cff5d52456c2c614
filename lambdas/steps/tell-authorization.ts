import type { AcmeAuthorization, AcmeChallenge } from '../acme/objects.ts';
import type { Transition } from '../core/order-status.ts';
import { judgeTransition } from '../core/order-status.ts';
import type { AcmeRequest } from '../core/problem.ts';
import type { HeldSlot } from './held-slot.ts';

/**
 * Tells the attempt how an authorization and its challenges changed since the slot last saw them. How the authorization's
 * status follows the one before. `index`: its place among the order's authorizations.
 */
export function tellAuthorization(slot: HeldSlot, index: number, seen: AcmeAuthorization): Transition {
  const before = slot.order?.authorizationStatuses?.[index];
  const transition = judgeTransition('authorization', before || undefined, seen.status);
  const isNews = transition !== 'same' && seen.status !== before;
  if (isNews) {
    const { url: name, status: to } = seen;
    const from = before === undefined || before === '' ? {} : { from: before };
    slot.history.add({
      kind: 'seen',
      of: 'authorization',
      name,
      ...from,
      to,
      transition,
      request: 'authorization',
      ...idOf(seen),
    });
  }
  for (const challenge of seen.challenges) tellChallenge(slot, challenge, 'authorization', seen);
  return transition;
}

/** As {@link tellAuthorization}, for one challenge that the slot has; others are none of ours. */
export function tellChallenge(
  slot: HeldSlot,
  { url: name, status: to }: Pick<AcmeChallenge, 'url' | 'status'>,
  request: AcmeRequest,
  from: { readonly requestId?: string },
): void {
  const known = slot.order?.challenges?.find(({ url }) => url === name);
  if (known === undefined || known.status === to) return;
  const transition = judgeTransition('challenge', known.status, to);
  const before = known.status === undefined ? {} : { from: known.status };
  slot.history.add({ kind: 'seen', of: 'challenge', name, ...before, to, transition, request, ...idOf(from) });
}

function idOf({ requestId }: { readonly requestId?: string }): { requestId?: string } {
  return requestId === undefined ? {} : { requestId };
}
