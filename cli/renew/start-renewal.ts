import { NO_LOG } from '../../lambdas/core/log.ts';
import { roleKey } from '../../lambdas/core/rows.ts';
import { TIMEOUTS } from '../../lambdas/core/timeouts.ts';
import { buildRunPorts } from '../../lambdas/ports/run-ports.ts';
import type { RunPorts } from '../../lambdas/steps/ports.ts';
import { type StartOutcome, startRun } from '../../lambdas/steps/start-run.ts';
import { readRole } from '../../lambdas/store/certificates.ts';
import { executionNameOf } from '../../lambdas/store/claim.ts';
import { makeDueNow } from '../../lambdas/store/due-rows.ts';
import type { Account, Desk } from '../desk.ts';

/** How a start went; a refused one says why. */
export type Started = { readonly outcome: StartOutcome; readonly refusal?: unknown };

/** Makes a certificate due now, or forces its claim, and starts its run by the one way there is. */
export async function startRenewal(desk: Desk, account: Account, name: string, force: boolean): Promise<Started> {
  const refusals: unknown[] = [];
  const ports = portsFor(desk, account, refusals);
  if (!force) await makeDueNow(account.table, roleKey(name), desk.clock.now());
  const role = await readRole(account.table, name);
  if (role === undefined) return { outcome: 'lost' };
  const outcome = await startRun(ports, role, force);
  return { outcome, refusal: refusals[0] };
}

/** The Lambdas' own ports; a start keeps no error, so it is kept here. */
function portsFor({ clients, clock, random, newId }: Desk, { places }: Account, refusals: unknown[]): RunPorts {
  const { renewal, push, settle } = places.machines;
  const machines = { renew: renewal, push, settle };
  const base = buildRunPorts({
    ...clients,
    clock,
    random,
    newId,
    // What matters is told on the terminal.
    log: NO_LOG,
    tableName: places.tableName,
    topicArn: places.topicArn,
    machineOf: (kind) => machines[kind],
  });
  const start: RunPorts['executions']['start'] = (...run) =>
    base.executions.start(...run).catch((error: unknown) => {
      refusals.push(error);
      throw error;
    });
  const deadline = clock.now() + TIMEOUTS.lambda * 1000;
  return { ...base, executions: { ...base.executions, start }, deadline };
}

/** ARN of the execution of a claim, which is named by it. */
export function executionArnOf({ places }: Account, name: string, startSeq: number): string {
  const machine = places.machines.renewal.replace(':stateMachine:', ':execution:');
  return `${machine}:${executionNameOf(roleKey(name), startSeq)}`;
}
