import type { AcmeError } from '../acme/error.ts';
import type { AcmeSession } from '../acme/session.ts';
import { StepFailure } from '../core/failure.ts';
import type { Log } from '../core/log.ts';
import type { AcmeAnswer } from '../core/problem.ts';
import type { SlotOrder } from '../core/rows.ts';

/**
 * The order with its profile left out where the CA does not list it and it is preferred only (draft-ietf-acme-profiles
 * section 4: a client must not ask for a profile that is not listed).
 *
 * @throws StepFailure of class `person` where no certificate of another profile will do.
 */
export async function withListedProfile(log: Log, session: AcmeSession, order: SlotOrder): Promise<SlotOrder> {
  const { profile, profileRequired = false, name } = order.ca;
  if (profile === undefined || order.profileLeftOut === true || (await session.listsProfile(profile))) return order;
  if (!profileRequired) {
    note(log, order, `${name} does not list it in its directory`);
    return { ...order, profileLeftOut: true };
  }
  const message =
    `${name} does not list the profile "${profile}" that this certificate requires. ` +
    'Name one that it lists, another CA, or let profileRequired go.';
  throw new StepFailure({ class: 'person', code: 'profileNotListed', message, ca: name });
}

/** Whether a refusal is about a profile that can be done without; CAs say 403 to accounts that may not have it. */
export function mayLeaveOutProfile({ ca, profileLeftOut }: SlotOrder, { status, problem }: AcmeAnswer): boolean {
  if (ca.profile === undefined || ca.profileRequired === true || profileLeftOut === true) return false;
  return problem?.type === 'invalidProfile' || (status === 403 && /profile/i.test(problem?.detail ?? ''));
}

/** The order after its profile was refused: what the CA issues by itself is better than nothing. */
export function withoutProfile(log: Log, order: SlotOrder, { message }: AcmeError): SlotOrder {
  note(log, order, message);
  return { ...order, profileLeftOut: true };
}

function note(log: Log, { ca }: SlotOrder, why: string): void {
  const message = `the profile "${ca.profile}" is left out of the order: ${why}`;
  log.write({ event: 'note', message, code: 'profileLeftOut', ca: ca.name });
}
