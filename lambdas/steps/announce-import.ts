import { StepFailure } from '../core/failure.ts';
import { CLOCK_SKEW_MS } from '../core/timeouts.ts';
import { absent, all, equals } from '../store/condition.ts';
import { ownRun } from '../store/run-end.ts';
import { updateItem } from '../store/table.ts';
import type { PushPorts } from './ports.ts';
import type { PushRun } from './push-run.ts';

/**
 * Two first imports would make two certificates: one invocation may send one, and another only when that cannot arrive any
 * more. Throws a transient StepFailure where another one's may be on its way.
 */
export async function announceImport({ ports, target, input }: PushRun<PushPorts>): Promise<void> {
  const { importUntil, remoteId } = target;
  const isOnItsWay = importUntil !== undefined && importUntil + CLOCK_SKEW_MS > ports.clock.now();
  // An import that has ended in between has left its ARN.
  const asRead = all(
    importUntil === undefined ? absent('importUntil') : equals('importUntil', importUntil),
    remoteId === undefined ? absent('remoteId') : equals('remoteId', remoteId),
  );
  const changes = { importing: true, importUntil: ports.deadline };
  const announced = isOnItsWay
    ? undefined
    : await updateItem(ports.table, target, changes, all(ownRun(input.startSeq), asRead));
  if (announced !== undefined) return;
  const message = `a first import for ${target.pk} ${target.sk} may be on its way in another invocation; this one stops`;
  throw new StepFailure({ class: 'transient', code: 'importOnItsWay', message });
}

/** Whether AWS itself has answered: then what was sent is not on its way any more. */
export function isRefusal(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return typeof cause === 'object' && cause !== null && '$fault' in cause && cause.$fault === 'client';
}
