import type { DueFields, RowKey } from '../core/rows.ts';
import type { RunInput } from '../core/step-result.ts';
import { PAYLOAD_SCHEMA } from '../core/step-result.ts';
import type { TargetDeclaration } from '../core/target-declaration.ts';
import { TARGET_FAMILIES } from '../core/target-family.ts';
import type { Claim } from '../store/claim.ts';
import { claimRow, executionNameOf, undoClaim } from '../store/claim.ts';
import type { RunPorts } from './ports.ts';

/** What happened to a row that was to be started. */
export type StartOutcome = 'started' | 'lost' | 'refused';

/** A row to be started; a target's says by whose Lambda. */
type StartedRow = RowKey & DueFields & { readonly target?: TargetDeclaration };

/** The one way to start a run: claim, then StartExecution under a name that only this claim has. */
export async function startRun(ports: RunPorts, row: StartedRow, forced = false): Promise<StartOutcome> {
  const claim = await claimRow(ports.table, row, { now: ports.clock.now(), random: ports.random, forced });
  if (claim === undefined) return 'lost';
  try {
    await ports.executions.start(row.kind, executionNameOf(claim.key, claim.startSeq), inputOf(claim, row));
    return 'started';
  } catch {
    // A start whose answer was lost may still run; undoing its claim is harmless, since the next claim outdates it.
    await undoClaim(ports.table, claim, ports.clock.now());
    return 'refused';
  }
}

function inputOf({ key, startSeq }: Claim, { target }: StartedRow): RunInput {
  const family = target === undefined ? {} : { family: TARGET_FAMILIES[target.kind] };
  return { schema: PAYLOAD_SCHEMA, pk: key.pk, sk: key.sk, startSeq, ...family };
}
