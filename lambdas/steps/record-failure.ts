import { hasAlternative } from '../core/choose-ca.ts';
import type { RetryPolicy } from '../core/declaration.ts';
import { DEFAULT_RETRY } from '../core/declaration.ts';
import type { FailureDetail } from '../core/failure.ts';
import { isEmergency, nextTryAt } from '../core/ladder.ts';
import { failingMessage } from '../core/messages.ts';
import type {
  CaFailure,
  CertificateRow,
  OutboxMessage,
  RecordedFailure,
  RoleRow,
  SlotRow,
  TargetRow,
} from '../core/rows.ts';
import { slotKey } from '../core/rows.ts';
import { clampRetryAt } from '../core/waiting.ts';
import { readCertificate } from '../store/certificates.ts';
import type { DueRow } from '../store/due-rows.ts';
import { readDueRow } from '../store/due-rows.ts';
import { failRun } from '../store/run-end.ts';
import { beginSlot, readSlot } from '../store/slots.ts';
import type { CatchEvent, FailedRun, StatusChangeEvent } from './caught-failure.ts';
import { readFailedRun } from './caught-failure.ts';
import { cleanDns } from './clean-dns.ts';
import { asStepFailure } from './failures.ts';
import { HeldSlot } from './order-run.ts';
import { publishOutbox, withMessages } from './outbox.ts';
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
  const changes = changesFor(ports, row, certificate, failed.detail);
  const written = await failRun(ports.table, row, input.startSeq, changes);
  const now = await readDueRow(ports.table, input);
  if (now !== undefined && 'outbox' in now) await publishOutbox(ports, now);
  return written !== undefined;
}

type FailureChanges = Parameters<typeof failRun>[3];

function changesFor(
  ports: FailurePorts,
  row: DueRow,
  certificate: CertificateRow | undefined,
  detail: FailureDetail,
): FailureChanges {
  const now = ports.clock.now();
  const failure: RecordedFailure = {
    ...detail,
    at: now,
    since: row.failure?.since ?? now,
    count: (row.failure?.count ?? 0) + 1,
  };
  const dueAt = dueAfter(ports, row, certificate, detail);
  const base = { failure, dueAt: Math.round(dueAt) };
  if (!('certificate' in row)) return base;
  const messages = messagesFor(row, failure, dueAt);
  const told = { ...base, outbox: withMessages(row.outbox, messages) };
  return isRole(row) ? { ...told, caFailures: withCaFailure(row, detail) } : told;
}

function dueAfter(
  ports: FailurePorts,
  row: DueRow,
  certificate: CertificateRow | undefined,
  detail: FailureDetail,
): number {
  const now = ports.clock.now();
  const retry: RetryPolicy = certificate?.declaration.retry ?? DEFAULT_RETRY;
  const floored = detail.retryAt !== undefined && !anotherCaIsFree(row, certificate, detail, now);
  const floor = floored && detail.retryAt !== undefined ? { retryAt: clampRetryAt(detail.retryAt, now) } : {};
  return nextTryAt({ tries: row.tries, ...floor }, retry, row, now, ports.random);
}

/** In an emergency a CA that asks to wait is passed over, so its Retry-After does not hold the certificate up. */
function anotherCaIsFree(
  row: DueRow,
  certificate: CertificateRow | undefined,
  { ca }: FailureDetail,
  now: number,
): boolean {
  if (certificate === undefined || ca === undefined || !isRole(row) || !isEmergency(row, now)) return false;
  return hasAlternative(certificate.declaration, row, ca, true);
}

function withCaFailure(
  role: RoleRow,
  { ca, class: failureClass, retryAt }: FailureDetail,
): Readonly<Record<string, CaFailure>> | undefined {
  if (ca === undefined) return role.caFailures;
  const count = (role.caFailures?.[ca]?.count ?? 0) + 1;
  return { ...role.caFailures, [ca]: { class: failureClass, count, ...(retryAt === undefined ? {} : { retryAt }) } };
}

/** Told once: when it begins, and when what a person must do changes. */
function messagesFor(row: RoleRow | TargetRow, failure: RecordedFailure, nextTry: number): readonly OutboxMessage[] {
  const isNews = row.failure === undefined || (failure.class === 'person' && row.failure.code !== failure.code);
  if (!isNews) return [];
  const context = { nextTryAt: nextTry, endsAt: row.endsAt };
  if (isRole(row))
    return [failingMessage('certificate.failing', row.certificate, failure, { ...context, what: 'renewal' })];
  return [
    failingMessage('certificate.push-failing', row.certificate, failure, {
      ...context,
      what: `push to ${row.target.id}`,
    }),
  ];
}

function isRole(row: DueRow): row is RoleRow {
  return row.kind === 'renew';
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
