import { DescribeExecutionCommand, ExecutionDoesNotExist } from '@aws-sdk/client-sfn';
import type { AttemptEntry } from '../../lambdas/core/attempt-rows.ts';
import type { RoleRow } from '../../lambdas/core/rows.ts';
import { listAttempts } from '../../lambdas/store/attempts.ts';
import { readRole } from '../../lambdas/store/certificates.ts';
import type { Account, Desk } from '../desk.ts';
import { utc } from '../output/times.ts';
import { entryText } from '../status/attempt-lines.ts';
import { executionArnOf } from './start-renewal.ts';

/** Between two looks. Milliseconds. */
export const LOOK_MS = 3_000;

/** Attempts in which a run may have written: its own, and that of an order which it has taken over. */
const ATTEMPTS = 3;

/** A failure may be recorded a moment after its execution has ended, by an event. Looks. */
const LOOKS_FOR_FAILURE = 20;

/** How a run has ended. */
export type RunEnd =
  | { readonly end: 'renewed'; readonly version: string }
  | { readonly end: 'failed'; readonly code: string; readonly message: string; readonly nextTryAt?: number }
  /** It waits: for a CA's limit, for an order, for somebody else's run. */
  | { readonly end: 'put-off'; readonly nextTryAt?: number };

/** Follows the run of a claim to its end and tells each status when it is known. Reads only. */
export async function followRun(desk: Desk, account: Account, name: string, startSeq: number): Promise<RunEnd> {
  const told = new Set<string>();
  for (let looksAfterEnd = 0; ; ) {
    const isRunning = await runs(desk, executionArnOf(account, name, startSeq));
    const role = await readRole(account.table, name);
    await tellNews(desk, account, name, startSeq, told);
    const end = role === undefined ? { end: 'put-off' as const } : endOf(role, startSeq, isRunning);
    if (end !== undefined) return end;
    if (!isRunning) looksAfterEnd += 1;
    if (looksAfterEnd > LOOKS_FOR_FAILURE) return putOff(role);
    await desk.clock.sleep(LOOK_MS);
  }
}

function endOf(role: RoleRow, startSeq: number, isRunning: boolean): RunEnd | undefined {
  if (isRunning) return undefined;
  if (role.doneSeq === startSeq) return { end: 'renewed', version: role.version ?? '' };
  const { failure, failedSeq, startSeq: latest, runUntil, dueAt } = role;
  if (failedSeq === startSeq && failure !== undefined) {
    const { code, message } = failure;
    return { end: 'failed', code, message, ...(dueAt !== undefined && { nextTryAt: dueAt }) };
  }
  // A claim that is still held may yet be told as failed.
  return latest !== startSeq || runUntil === undefined ? putOff(role) : undefined;
}

function putOff(role: RoleRow | undefined): RunEnd {
  return { end: 'put-off', ...(role?.dueAt !== undefined && { nextTryAt: role.dueAt }) };
}

async function runs({ clients }: Desk, executionArn: string): Promise<boolean> {
  try {
    const { status } = await clients.sfn.send(new DescribeExecutionCommand({ executionArn }));
    return status === 'RUNNING' || status === 'PENDING_REDRIVE';
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist) return false;
    throw error;
  }
}

async function tellNews(
  { tell }: Desk,
  { table }: Account,
  name: string,
  startSeq: number,
  told: Set<string>,
): Promise<void> {
  const attempts = await listAttempts(table, name, ATTEMPTS);
  const entries = attempts.flatMap((attempt) => attempt.entries).filter(({ run }) => run === startSeq);
  for (const entry of entries.toSorted((a, b) => a.at - b.at)) {
    const line = lineOf(entry);
    if (told.has(line)) continue;
    told.add(line);
    tell(line);
  }
}

function lineOf(entry: AttemptEntry): string {
  return `  ${utc(entry.at)}  ${entry.step}: ${entryText(entry)}`;
}
