import { hasAlternative } from '../core/choose-ca.ts';
import type { RetryPolicy } from '../core/declaration.ts';
import { DEFAULT_RETRY } from '../core/declaration.ts';
import type { FailureDetail } from '../core/failure.ts';
import { isEmergency, nextTryAt } from '../core/ladder.ts';
import { failingMessage } from '../core/messages.ts';
import type { CaFailure, CertificateRow, OutboxMessage, RecordedFailure, RoleRow, TargetRow } from '../core/rows.ts';
import { clampRetryAt } from '../core/waiting.ts';
import type { DueRow } from '../store/due-rows.ts';
import { withMessages } from './outbox.ts';
import type { BasePorts } from './ports.ts';

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
  const failure: RecordedFailure = { ...detail, at: now, since, count: (row.failure?.count ?? 0) + 1 };
  const base = { failure, dueAt: Math.round(dueAt) };
  if (!('certificate' in row)) return base;
  const told = { ...base, outbox: withMessages(row.outbox, messagesFor(row, failure, dueAt)) };
  return isRole(row) ? { ...told, caFailures: withCaFailure(row, detail) } : told;
}

function dueAfter(
  ports: Pick<BasePorts, 'clock' | 'random'>,
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

function withCaFailure(role: RoleRow, detail: FailureDetail): Readonly<Record<string, CaFailure>> | undefined {
  const { ca, class: failureClass, retryAt } = detail;
  if (ca === undefined) return role.caFailures;
  const count = (role.caFailures?.[ca]?.count ?? 0) + 1;
  return {
    ...role.caFailures,
    [ca]: { class: failureClass, count, ...(retryAt === undefined ? {} : { retryAt }) },
  };
}

/** Told once: when it begins, and when what a person must do changes. */
function messagesFor(row: RoleRow | TargetRow, failure: RecordedFailure, nextTry: number): readonly OutboxMessage[] {
  const isNews = row.failure === undefined || (failure.class === 'person' && row.failure.code !== failure.code);
  if (!isNews) return [];
  const context = { nextTryAt: nextTry, endsAt: row.endsAt };
  if (isRole(row))
    return [failingMessage('certificate.failing', row.certificate, failure, { ...context, what: 'renewal' })];
  const what = `push to ${row.target.id}`;
  return [failingMessage('certificate.push-failing', row.certificate, failure, { ...context, what })];
}

function isRole(row: DueRow): row is RoleRow {
  return row.kind === 'renew';
}
