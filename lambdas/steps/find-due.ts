import { sha256Hex } from '../core/declaration.ts';
import { pickForRound } from '../core/due-order.ts';
import { inParallel } from '../core/in-parallel.ts';
import type { RowKey } from '../core/rows.ts';
import { certificateNameOf } from '../core/rows.ts';
import type { StepResult, SweepStepStatus } from '../core/step-result.ts';
import type { DueEntry } from '../store/due-index.ts';
import { listDue } from '../store/due-index.ts';
import { putOff, readDueRow } from '../store/due-rows.ts';
import { UnreadableRowError } from '../store/parse.ts';
import { withStepFailures } from './failures.ts';
import type { BasePorts } from './ports.ts';
import { startRun } from './start-run.ts';

/** Starts of one round, and how many of them at the same time. */
const PLACES = 200;
const PARALLEL = 10;

/** Rounds of one sweep go on for at most this long. Milliseconds. */
const SWEEP_MS = 10 * 60_000;
/** Between two rounds; the index needs a moment to follow. Seconds. */
const BETWEEN_ROUNDS_S = 5;
/** A row that cannot be read is looked at again then. Milliseconds. */
const UNREADABLE_MS = 24 * 3_600_000;

export type SweepResult = StepResult<SweepStepStatus>;

/** Input of the FindDue state: the sweep's own, and its last round's answer. */
export type SweepEvent = { readonly input: { readonly step?: { readonly result: SweepResult } } };

/** FindDue: starts what is due, most urgent first, and says whether there is more. */
export function findDue(event: SweepEvent, ports: BasePorts): Promise<SweepResult> {
  return withStepFailures(async () => {
    const now = ports.clock.now();
    const previous = event.input.step?.result;
    const startedAt = previous?.startedAt ?? now;
    const due = await listDue(ports.table, now, PLACES);
    const picked = pickForRound(due, PLACES, now);
    await inParallel(picked, PARALLEL, (entry) => startEntry(ports, entry));
    const more = due.length > picked.length && now - startedAt < SWEEP_MS;
    const rounds = (previous?.rounds ?? 0) + 1;
    return {
      status: more ? 'more' : 'done',
      waitSeconds: more ? BETWEEN_ROUNDS_S : 0,
      rounds,
      slot: '',
      nonce: '',
      startedAt,
    };
  });
}

/** One row that cannot be read, or whose start fails, never keeps the others from starting. */
async function startEntry(ports: BasePorts, entry: DueEntry): Promise<void> {
  try {
    const row = await readDueRow(ports.table, entry);
    if (row !== undefined) await startRun(ports, row);
  } catch (error) {
    if (error instanceof UnreadableRowError) await tellUnreadable(ports, entry, error);
    else
      console.error(
        JSON.stringify({
          level: 'error',
          message: 'a due row could not be started',
          pk: entry.pk,
          sk: entry.sk,
          reason: String(error),
        }),
      );
  }
}

async function tellUnreadable(ports: BasePorts, key: RowKey, error: UnreadableRowError): Promise<void> {
  const now = ports.clock.now();
  await putOff(ports.table, key, now + UNREADABLE_MS, now);
  const certificate = certificateNameOf(key);
  const body = `${error.message}. Perennial looks at it again at ${new Date(now + UNREADABLE_MS).toISOString()}. Restore the row from a backup, or deploy the version that wrote it.`;
  const detail = { pk: key.pk, sk: key.sk };
  const subject = `Perennial: a row of ${certificate} cannot be read`;
  await ports.alerts.publish({
    id: sha256Hex(`${key.pk} ${key.sk} ${error.message}`).slice(0, 24),
    event: 'certificate.failing',
    notify: true,
    at: now,
    certificate,
    subject,
    body,
    detail,
  });
}
