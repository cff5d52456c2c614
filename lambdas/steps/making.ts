import { StepFailure } from '../core/failure.ts';
import type { TargetRow } from '../core/rows.ts';
import type { Making, RemoteOwner } from '../core/target-driver.ts';
import { CLOCK_SKEW_MS } from '../core/timeouts.ts';
import { absent, all, equals } from '../store/condition.ts';
import { ownRun } from '../store/run-end.ts';
import { updateItem } from '../store/table.ts';
import type { PushPorts } from './ports.ts';
import type { PushRun } from './push-run.ts';
import { ownerOf, saveTarget } from './push-run.ts';

/** What a target's row records of something that a driver is about to make. */
export function makingOf(run: PushRun<PushPorts>): Making {
  return {
    perhapsAs: perhapsAs(run.target),
    announce: () => announce(run),
    refused: async () => {
      await saveTarget(run, { importUntil: undefined });
    },
    made: async (remoteId) => {
      await saveTarget(run, { ...heldAs(run.target, remoteId, true), ...NOTHING_ON_ITS_WAY });
    },
  };
}

/** What is recorded of something on its way, once it is known how that ended. */
export const NOTHING_ON_ITS_WAY = { importing: undefined, importUntil: undefined, importedAs: undefined };

/** Names the version that a target holds now; what it held before under another name is superseded, where that stays. */
export function heldAs(
  { remoteId: before, superseded = [] }: TargetRow,
  remoteId: string,
  stays: boolean,
): Pick<TargetRow, 'remoteId'> & { readonly superseded: TargetRow['superseded'] } {
  const left = [...superseded, ...(!stays || before === undefined ? [] : [before])];
  const others = [...new Set(left)].filter((id) => id !== remoteId);
  return { remoteId, superseded: others.length === 0 ? undefined : others };
}

function perhapsAs(target: TargetRow): readonly RemoteOwner[] {
  if (target.importing !== true) return [];
  const { importedAs } = target;
  return [
    ownerOf(target),
    ...(importedAs === undefined ? [] : [{ certificate: importedAs, target: target.target.id }]),
  ];
}

/**
 * Two requests would make two: one invocation may send one, and another only when that cannot arrive any more. Throws a
 * transient StepFailure where another one's may be on its way.
 */
async function announce({ ports, target, input }: PushRun<PushPorts>): Promise<void> {
  const { importUntil, remoteId } = target;
  const isOnItsWay = importUntil !== undefined && importUntil + CLOCK_SKEW_MS > ports.clock.now();
  // One that has ended in between has left its name.
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
