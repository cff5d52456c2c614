import type { CaSettings } from '../core/declaration.ts';
import type { CertificateRow, OrderKey, SlotOrder } from '../core/rows.ts';
import { cleanDns } from './clean-dns.ts';
import type { HeldSlot } from './held-slot.ts';
import { makeOrderKey } from './order-key.ts';
import type { OrderRun } from './order-run.ts';
import { mustBeFollowed } from './order-step.ts';

/**
 * Makes the slot's order ours where it can be: one with a finalize intent is left to be followed; one of the same account
 * and profile gets our key and CSR in one fenced write, its URL kept; any other is dropped.
 */
export async function takeOverOrder(
  run: OrderRun,
  slot: HeldSlot,
  certificate: CertificateRow,
  ca: CaSettings,
): Promise<void> {
  const { order } = slot;
  if (order === undefined || mustBeFollowed(slot) || isOurs(order, certificate, ca)) return;
  if (!isSameAccount(order, ca)) {
    await slot.save({ order: undefined });
    await cleanDns(run.ports, slot);
    return;
  }
  await slot.save({ order: { ...order, ...(await ownerFields(run, certificate, ca)) } });
}

/** For whom and for what an order is made. */
export type OwnerFields = Pick<
  SlotOrder,
  'certificate' | 'role' | 'attempt' | 'hash' | 'domains' | 'keyType' | 'ca'
> & {
  readonly key: OrderKey;
};

/** A new key and CSR for what the certificate is declared to be. */
export async function ownerFields(
  run: OrderRun,
  { declaration, hash }: CertificateRow,
  ca: CaSettings,
): Promise<OwnerFields> {
  const { domains, keyType, name } = declaration;
  return {
    certificate: name,
    role: 'current',
    attempt: run.history.attempt,
    hash,
    domains,
    keyType,
    ca,
    key: await makeOrderKey(run.ports, declaration),
  };
}

function isOurs(order: SlotOrder, { declaration, hash }: CertificateRow, ca: CaSettings): boolean {
  return order.certificate === declaration.name && order.hash === hash && isSameAccount(order, ca);
}

function isSameAccount({ ca: made }: SlotOrder, ca: CaSettings): boolean {
  return made.directoryUrl === ca.directoryUrl && made.accountLabel === ca.accountLabel && made.profile === ca.profile;
}
