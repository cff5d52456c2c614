import { StepFailure } from '../core/failure.ts';
import type { CertificateRow, SlotRow } from '../core/rows.ts';
import { certificateNameOf, slotKey } from '../core/rows.ts';
import { readCertificate } from '../store/certificates.ts';
import { readDueRow } from '../store/due-rows.ts';
import { UnreadableRowError } from '../store/parse.ts';
import { failRun } from '../store/run-end.ts';
import { readSlot } from '../store/slots.ts';
import { AttemptHistory } from './attempt-history.ts';
import type { CatchEvent, FailedRun, StatusChangeEvent } from './caught-failure.ts';
import { isPlatformError, readFailedRun } from './caught-failure.ts';
import { cleanDns } from './clean-dns.ts';
import { followPromotion } from './commit.ts';
import { failureChanges, isRole } from './failure-changes.ts';
import { asStepFailure } from './failures.ts';
import type { HeldSlot } from './held-slot.ts';
import { holdSlot } from './held-slot.ts';
import { publishOutbox } from './outbox.ts';
import type { FailurePorts } from './ports.ts';
import { returnLimits } from './reserve-limits.ts';

export type RecordFailureResult = { readonly status: 'recorded' | 'ignored' };

/**
 * RecordFailure: tells a row that its run failed, and gives the slot free. Once a claim, whoever calls it; the two parts do
 * not hinder each other.
 */
export async function recordFailure(
  event: CatchEvent | StatusChangeEvent,
  ports: FailurePorts,
): Promise<RecordFailureResult> {
  const failed = readFailedRun(event);
  // The rule's events come late: a redriven execution may be running again.
  if (failed.byRule && (await ports.executions.isRunning(failed.execution))) return { status: 'ignored' };
  let isRecorded = false;
  const record = async (): Promise<void> => {
    isRecorded = await recordOnRow(ports, failed);
  };
  const free = (): Promise<void> => freeSlot(ports, failed);
  // A slot's own next try is written last, since releasing the slot sets one too.
  const parts = failed.input.pk.startsWith('SLOT#') ? [free, record] : [record, free];
  const outcomes: PromiseSettledResult<void>[] = [];
  for (const part of parts) outcomes.push(...(await Promise.allSettled([part()])));
  const broken = outcomes.find((outcome) => outcome.status === 'rejected');
  if (broken !== undefined) throw asStepFailure(broken.reason);
  return { status: isRecorded ? 'recorded' : 'ignored' };
}

async function recordOnRow(ports: FailurePorts, failed: FailedRun): Promise<boolean> {
  const { input } = failed;
  const row = await readDueRow(ports.table, input);
  if (row === undefined) return false;
  if (isRole(row) && row.doneSeq === input.startSeq) {
    // It died after its promotion: what follows one is made up for.
    await followPromotion(ports, row);
    return false;
  }
  const certificate = 'certificate' in row ? await declarationOf(ports, row.certificate) : undefined;
  const changes = failureChanges(ports, row, certificate, failed.detail);
  const written = await failRun(ports.table, row, input.startSeq, changes);
  const now = await readDueRow(ports.table, input);
  if (now !== undefined && 'outbox' in now) await publishOutbox(ports, now);
  return written !== undefined;
}

/** A failure is recorded and told also where its certificate's declaration cannot be read. */
async function declarationOf(ports: FailurePorts, name: string): Promise<CertificateRow | undefined> {
  try {
    return await readCertificate(ports.table, name);
  } catch (error) {
    if (error instanceof UnreadableRowError) return undefined;
    throw error;
  }
}

/** Removes the run's DNS values and gives its slot free, if the slot is still the run's. */
async function freeSlot(ports: FailurePorts, failed: FailedRun): Promise<void> {
  for (const found of await slotsOf(ports, failed)) {
    if (found.owner !== failed.execution) continue;
    const slot = await holdSlot(ports, failed.execution, found, historyOf(ports, failed, found));
    if ('heldUntil' in slot) continue;
    // What a step has thrown itself, it has told itself.
    if (isPlatformError(failed.detail.code)) slot.history.failed(new StepFailure(failed.detail));
    await slot.history.write('failed');
    if (!mayBeValidating(slot, failed)) await cleanDns(ports, slot);
    await returnLimits(ports, slot);
    await slot.release();
  }
}

/**
 * A step that died may have answered a challenge just before: its TXT value stays for the next try, or for Settle. Any other
 * failure came from an answer, so that what the CA does is known.
 */
function mayBeValidating({ order }: HeldSlot, { detail }: FailedRun): boolean {
  return detail.class === 'transient' && order?.url !== undefined && (order.challenges ?? []).length > 0;
}

function historyOf(ports: FailurePorts, { input, execution }: FailedRun, { order }: SlotRow): AttemptHistory {
  const certificate = input.pk.startsWith('SLOT#') ? (order?.certificate ?? '') : certificateNameOf(input);
  return new AttemptHistory(ports, { certificate, startSeq: input.startSeq, execution, step: 'recordFailure' });
}

/** The slot the run worked on; where no step told, those that its declaration could have led to. */
async function slotsOf(ports: FailurePorts, { input }: FailedRun): Promise<readonly SlotRow[]> {
  const known = input.step?.result.slot;
  if (known !== undefined && known !== '') return present([await readSlot(ports.table, { pk: known, sk: 'SLOT' })]);
  if (input.pk.startsWith('SLOT#')) return present([await readSlot(ports.table, input)]);
  const certificate = input.sk.startsWith('ROLE#') ? await declarationOf(ports, certificateNameOf(input)) : undefined;
  if (certificate === undefined) return [];
  const { cas, domains } = certificate.declaration;
  return present(await Promise.all(cas.map((ca) => readSlot(ports.table, slotKey(ca.directoryUrl, domains)))));
}

function present(slots: readonly (SlotRow | undefined)[]): readonly SlotRow[] {
  return slots.filter((slot) => slot !== undefined);
}
