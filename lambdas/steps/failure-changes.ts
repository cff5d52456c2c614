import { hasAlternative } from '../core/choose-ca.ts';
import type { FailureDetail } from '../core/failure.ts';
import { isEmergency, nextTryAt } from '../core/ladder.ts';
import { failingMessage } from '../core/messages.ts';
import type { RetryPolicy } from '../core/retry-policy.ts';
import { DEFAULT_RETRY } from '../core/retry-policy.ts';
import type {
  CaFailure,
  CertificateRow,
  OutboxMessage,
  RecordedFailure,
  RoleRow,
  SlotRow,
  TargetRow,
} from '../core/rows.ts';
import { clampRetryAt } from '../core/waiting.ts';
import type { DueRow } from '../store/due-rows.ts';
import { withMessages } from './outbox.ts';
import type { BasePorts } from './ports.ts';

/** Failures of a slot's clean-up before people are told. */
export const TOLD_AT = 3;

/** What a failure makes of its row. */
export type FailureChanges = {
  readonly failure: RecordedFailure;
  readonly dueAt: number;
  readonly outbox?: RoleRow['outbox'];
  readonly caFailures?: RoleRow['caFailures'];
};

/** The failure as it is recorded, the next try, and whom it is told. `dueAt` overrides the ladder. */
export function failureChanges(
  ports: Pick<BasePorts, 'clock' | 'random'>,
  row: DueRow,
  certificate: CertificateRow | undefined,
  detail: FailureDetail,
  dueAt = dueAfter(ports, row, certificate, detail),
): FailureChanges {
  const now = ports.clock.now();
  const since = row.failure?.since ?? now;
  const failing = { ...detail, at: now, since, count: (row.failure?.count ?? 0) + 1 };
  const messages = 'certificate' in row ? messagesFor(row, failing, dueAt) : slotMessages(row, failing, dueAt);
  const failure: RecordedFailure = { ...failing, told: toldAfter(row.failure, detail, messages.length > 0) };
  const told = { failure, dueAt: Math.round(dueAt), outbox: withMessages(row.outbox, messages) };
  return isRole(row) ? { ...told, caFailures: withCaFailure(row, detail) } : told;
}

function dueAfter(
  ports: Pick<BasePorts, 'clock' | 'random'>,
  row: DueRow,
  certificate: CertificateRow | undefined,
  detail: FailureDetail,
): number {
  const now = ports.clock.now();
  const retry: RetryPolicy = row.retry ?? certificate?.declaration.retry ?? DEFAULT_RETRY;
  if (anotherCaIsNext(row, certificate, detail, now))
    return nextTryAt({ tries: row.tries }, retry, row, now, ports.random);
  const floor = detail.retryAt === undefined ? {} : { retryAt: clampRetryAt(detail.retryAt, now) };
  return nextTryAt({ tries: row.tries, patient: isRefusedForGood(detail), ...floor }, retry, row, now, ports.random);
}

/** What a CA refused until a person acts is asked for once a day; what only this account lacks may be looked at more often. */
function isRefusedForGood(detail: FailureDetail): boolean {
  return detail.class === 'person' && detail.ca !== undefined;
}

/** A CA that is passed over at the next try does not hold the certificate up with what it asked for. */
function anotherCaIsNext(
  row: DueRow,
  certificate: CertificateRow | undefined,
  detail: FailureDetail,
  now: number,
): boolean {
  if (certificate === undefined || detail.ca === undefined || !isRole(row)) return false;
  const after = { ...row, caFailures: withCaFailure(row, detail) };
  return hasAlternative(certificate.declaration, after, detail.ca, now);
}

function withCaFailure(role: RoleRow, detail: FailureDetail): Readonly<Record<string, CaFailure>> | undefined {
  const { ca, class: failureClass, retryAt } = detail;
  if (ca === undefined) return role.caFailures;
  // To be asked to wait is no failure of the CA.
  const count = (role.caFailures?.[ca]?.count ?? 0) + (failureClass === 'later' ? 0 : 1);
  return {
    ...role.caFailures,
    [ca]: { class: failureClass, count, ...(retryAt === undefined ? {} : { retryAt }) },
  };
}

/** Told once: when it begins, when what a person must do changes, and when it becomes an emergency. */
function messagesFor(row: RoleRow | TargetRow, failure: RecordedFailure, nextTry: number): readonly OutboxMessage[] {
  const urgent = isEmergency(row, failure.at);
  if (!isNews(row, failure, urgent)) return [];
  const context = { nextTryAt: nextTry, endsAt: row.endsAt, urgent };
  if (isRole(row))
    return [failingMessage('certificate.failing', row.certificate, failure, { ...context, what: 'renewal' })];
  const what = `push to ${row.target.id}`;
  return [failingMessage('certificate.push-failing', row.certificate, failure, { ...context, what })];
}

function isNews({ failure: before, ...row }: RoleRow | TargetRow, failure: RecordedFailure, urgent: boolean): boolean {
  if (before === undefined) return true;
  const isAnother = !toldOf(before).includes(nameOf(failure));
  return (failure.class === 'person' && isAnother) || (urgent && !isEmergency(row, before.at));
}

/** Failures that take turns are told once each. */
const MOST_TOLD = 10;

function toldAfter(before: RecordedFailure | undefined, detail: FailureDetail, isTold: boolean): readonly string[] {
  const told = before === undefined ? [] : toldOf(before);
  return isTold && !told.includes(nameOf(detail)) ? [...told, nameOf(detail)].slice(-MOST_TOLD) : told;
}

function toldOf(failure: RecordedFailure): readonly string[] {
  return failure.told ?? [nameOf(failure)];
}

function nameOf({ class: failureClass, code }: FailureDetail): string {
  return `${failureClass} ${code}`;
}

/** What Settle cannot clear is looked at again and again; told at the third time, since nothing served depends on it. */
function slotMessages(slot: SlotRow, failure: RecordedFailure, nextTry: number): readonly OutboxMessage[] {
  if (failure.count !== TOLD_AT) return [];
  const context = { nextTryAt: nextTry, urgent: false, what: 'clean-up', standing: 'No certificate depends on it.' };
  return [failingMessage('certificate.failing', slot.identifiers.join(', '), failure, context)];
}

export function isRole(row: DueRow): row is RoleRow {
  return row.kind === 'renew';
}
