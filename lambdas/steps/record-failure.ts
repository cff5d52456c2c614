import type { SlotRow } from '../core/rows.ts';
import { slotKey } from '../core/rows.ts';
import { readCertificate } from '../store/certificates.ts';
import { readDueRow } from '../store/due-rows.ts';
import { failRun } from '../store/run-end.ts';
import { beginSlot, readSlot } from '../store/slots.ts';
import type { CatchEvent, FailedRun, StatusChangeEvent } from './caught-failure.ts';
import { readFailedRun } from './caught-failure.ts';
import { cleanDns } from './clean-dns.ts';
import { failureChanges } from './failure-changes.ts';
import { asStepFailure } from './failures.ts';
import { HeldSlot } from './order-run.ts';
import { publishOutbox } from './outbox.ts';
import type { FailurePorts } from './ports.ts';

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
  const parts = await Promise.allSettled([recordOnRow(ports, failed), freeSlot(ports, failed)]);
  const broken = parts.find((part) => part.status === 'rejected');
  if (broken !== undefined) throw asStepFailure(broken.reason);
  return { status: parts[0].status === 'fulfilled' && parts[0].value ? 'recorded' : 'ignored' };
}

async function recordOnRow(ports: FailurePorts, failed: FailedRun): Promise<boolean> {
  const { input } = failed;
  const row = await readDueRow(ports.table, input);
  if (row === undefined) return false;
  const certificate = 'certificate' in row ? await readCertificate(ports.table, row.certificate) : undefined;
  const changes = failureChanges(ports, row, certificate, failed.detail);
  const written = await failRun(ports.table, row, input.startSeq, changes);
  const now = await readDueRow(ports.table, input);
  if (now !== undefined && 'outbox' in now) await publishOutbox(ports, now);
  return written !== undefined;
}

/** Removes the run's DNS values and gives its slot free, if the slot is still the run's. */
async function freeSlot(ports: FailurePorts, failed: FailedRun): Promise<void> {
  for (const found of await slotsOf(ports, failed)) {
    if (found.owner !== failed.execution) continue;
    const begun = await beginSlot(ports.table, found, {
      owner: failed.execution,
      token: ports.newId(),
      now: ports.clock.now(),
      isRunning: (owner) => ports.executions.isRunning(owner),
    });
    if ('heldUntil' in begun) continue;
    const slot = new HeldSlot(begun, ports);
    await cleanDns(ports, slot);
    await slot.release();
  }
}

/** The slot the run worked on; where no step told, those that its declaration could have led to. */
async function slotsOf(ports: FailurePorts, { input }: FailedRun): Promise<readonly SlotRow[]> {
  const known = input.step?.result.slot;
  if (known !== undefined && known !== '') return present([await readSlot(ports.table, { pk: known, sk: 'SLOT' })]);
  if (input.pk.startsWith('SLOT#')) return present([await readSlot(ports.table, input)]);
  const certificate = input.sk.startsWith('ROLE#')
    ? await readCertificate(ports.table, input.pk.replace(/^CERT#/, ''))
    : undefined;
  if (certificate === undefined) return [];
  const { cas, domains } = certificate.declaration;
  return present(await Promise.all(cas.map((ca) => readSlot(ports.table, slotKey(ca.directoryUrl, domains)))));
}

function present(slots: readonly (SlotRow | undefined)[]): readonly SlotRow[] {
  return slots.filter((slot) => slot !== undefined);
}
