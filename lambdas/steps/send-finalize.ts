import { AcmeError } from '../acme/error.ts';
import type { AcmeSession } from '../acme/session.ts';
import { StepFailure } from '../core/failure.ts';
import { BUG_MS } from '../core/problem.ts';
import type { Intent, SlotOrder } from '../core/rows.ts';
import { readCertificate } from '../store/certificates.ts';
import type { HeldSlot } from './held-slot.ts';
import type { OrderReading } from './note-order.ts';
import { noteOrder } from './note-order.ts';
import { makeOrderKey } from './order-key.ts';
import type { OrderPorts } from './ports.ts';

/** A parsed 200, or why there was none. */
export type FinalizeAnswer = { readonly reading?: OrderReading; readonly refusal?: AcmeError };

/** Sends the one finalize of an intent that is stored already. */
export async function sendFinalize(
  ports: OrderPorts,
  slot: HeldSlot,
  session: AcmeSession,
  order: SlotOrder,
  intent: Intent,
): Promise<FinalizeAnswer> {
  const target = { url: order.url ?? '', finalizeUrl: order.finalizeUrl ?? '' };
  try {
    const seen = await session.finalize(target, order.key.csr, intent.sendBefore);
    return { reading: await noteOrder(ports, slot, seen, 'finalize') };
  } catch (error) {
    if (!(error instanceof AcmeError)) throw error;
    slot.history.refused(error);
    if (isRefusal(error)) await closeIntent(ports, slot, intent);
    return { refusal: error };
  }
}

/** The CA itself has said no. A 5xx may be a proxy's, behind which the CA still works on the request. */
function isRefusal({ answer }: AcmeError): boolean {
  return answer.status >= 400 && answer.status < 500 && answer.problem?.type !== '';
}

/** This request is no longer on its way, so its doubt ends earlier. */
async function closeIntent(ports: OrderPorts, slot: HeldSlot, intent: Intent): Promise<void> {
  const { order } = slot;
  const sendBefore = Math.min(intent.sendBefore, ports.clock.now());
  if (order !== undefined) await slot.save({ order: { ...order, finalizeIntent: { ...intent, sendBefore } } });
}

/**
 * What a CA says of a CSR or its key at finalize (RFC 8555 section 7.4). The read that follows a refusal has just shown that the
 * account is in order, so `unauthorized` means the CSR's names.
 */
const OF_THE_CSR = ['badCSR', 'badPublicKey', 'badSignatureAlgorithm', 'malformed', 'unauthorized'];

/** The order is ready all the same: a refusal that a repeat cannot mend is thrown; any other waits for its turn. */
export async function throwRefusal(ports: OrderPorts, slot: HeldSlot, refusal: AcmeError): Promise<void> {
  const failure = refusal.toFailure();
  const { class: failureClass } = failure.detail;
  if (failureClass === 'reconcile' || failureClass === 'transient' || failureClass === 'caSide') return;
  const { problem, status } = refusal.answer;
  const isOfCsr = status >= 400 && status < 500 && OF_THE_CSR.includes(problem?.type ?? '');
  if (!isOfCsr && failureClass !== 'bug') throw failure;
  await replaceKey(ports, slot);
  throw new StepFailure({ ...failure.detail, class: 'bug', retryAt: ports.clock.now() + BUG_MS }, { cause: refusal });
}

/** The CA refused the CSR: the same order gets a new key; the old one is kept until the order's end is known. */
async function replaceKey(ports: OrderPorts, slot: HeldSlot): Promise<void> {
  const { order } = slot;
  const certificate = order === undefined ? undefined : await readCertificate(ports.table, order.certificate);
  if (order === undefined || certificate === undefined) return;
  const { keyType, domains } = order;
  const key = await makeOrderKey(ports, { ...certificate.declaration, keyType, domains });
  await slot.save({ order: { ...order, key, replacedKeys: [...order.replacedKeys, order.key] } });
}
