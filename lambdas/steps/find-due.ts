import { sha256Hex } from '../core/declaration.ts';
import { pickForRound } from '../core/due-order.ts';
import { inParallel } from '../core/in-parallel.ts';
import type { OutboxMessage, RowKey } from '../core/rows.ts';
import { certificateNameOf } from '../core/rows.ts';
import { listDueAri } from '../store/ari.ts';
import type { DueEntry } from '../store/due-index.ts';
import { listDue } from '../store/due-index.ts';
import { putOff, readDueRow, UNREADABLE_MS } from '../store/due-rows.ts';
import { UnreadableRowError } from '../store/parse.ts';
import { swallowed, withStepFailures } from './failures.ts';
import type { RunPorts } from './ports.ts';
import { refuseNewer } from './refuse-newer.ts';
import { startRun } from './start-run.ts';
import type { SweepEvent, SweepResult } from './sweep.ts';
import { sweepResult, sweepStartedAt } from './sweep.ts';

/** Starts of one round, and how many of them at the same time. */
const PLACES = 200;
const PARALLEL = 10;

/** FindDue: starts what is due, most urgent first, and says whether there is more; then whether CAs are to be asked. */
export function findDue(event: SweepEvent, ports: RunPorts): Promise<SweepResult> {
  return withStepFailures(async () => {
    refuseNewer(event.input);
    const now = ports.clock.now();
    const due = await listDue(ports.table, now, PLACES);
    const picked = pickForRound(due, PLACES, now);
    await inParallel(picked, PARALLEL, (entry) => startEntry(ports, entry));
    const more = due.length > picked.length;
    const status = more ? 'more' : (await isAriDue(ports, now)) ? 'ari' : 'done';
    return sweepResult(event, status, sweepStartedAt(event, now), now);
  });
}

/** A certificate whose CA cannot be asked is renewed all the same: no trouble with that may fail a sweep. */
async function isAriDue({ table, log }: RunPorts, now: number): Promise<boolean> {
  try {
    return (await listDueAri(table, now, 1)).length > 0;
  } catch (error) {
    log.write(swallowed(error, 'ARI was left out of this sweep'));
    return false;
  }
}

/** One row that cannot be read, or whose start fails, never keeps the others from starting. */
async function startEntry(ports: RunPorts, entry: DueEntry): Promise<void> {
  try {
    const row = await readDueRow(ports.table, entry);
    if (row !== undefined) await startRun(ports, row);
  } catch (error) {
    if (error instanceof UnreadableRowError) await tellUnreadable(ports, entry, error);
    else ports.log.write(swallowed(error, 'a due row could not be started', entry));
  }
}

/** Told once, before it is put off: a crash in between tells it again, by the same id. */
async function tellUnreadable(ports: RunPorts, key: RowKey, error: UnreadableRowError): Promise<void> {
  const now = ports.clock.now();
  if (!error.isTold) await ports.alerts.publish(unreadableMessage(key, error, now));
  await putOff(ports.table, key, now + UNREADABLE_MS, now, error.message);
}

function unreadableMessage(key: RowKey, error: UnreadableRowError, now: number): OutboxMessage {
  const certificate = certificateNameOf(key);
  const nextTryAt = now + UNREADABLE_MS;
  return {
    id: sha256Hex(`${key.pk} ${key.sk} ${error.message}`).slice(0, 24),
    event: 'certificate.failing',
    notify: true,
    at: now,
    certificate,
    subject: `Perennial: a row of ${certificate} cannot be read`,
    body: `${error.message}. Perennial looks at it again at ${new Date(nextTryAt).toISOString()}. Restore the row from a backup, or deploy the version that wrote it.`,
    detail: { class: 'bug', code: 'unreadableRow', since: now, nextTryAt },
  };
}
