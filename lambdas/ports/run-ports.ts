import type { SFNClient } from '@aws-sdk/client-sfn';
import type { DueKind } from '../core/rows.ts';
import type { RunPorts } from '../steps/ports.ts';
import { type BaseParts, buildBasePorts, type Undated } from './base-ports.ts';
import { createExecutions } from './executions.ts';

/** What steps that deal with executions are built from. */
export type RunParts = BaseParts & {
  readonly sfn: SFNClient;
  /** ARN of the machine that runs a kind of row. */
  readonly machineOf: (kind: DueKind) => string;
};

/** Builds what every step has, and executions: those that have none do without the client of Step Functions. */
export function buildRunPorts(parts: RunParts): Undated<RunPorts> {
  return { ...buildBasePorts(parts), executions: createExecutions(parts.sfn, parts.machineOf) };
}
