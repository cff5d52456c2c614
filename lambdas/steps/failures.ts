import { AcmeError } from '../acme/error.ts';
import { StepFailure } from '../core/failure.ts';
import { scopeOf } from '../core/failure-scope.ts';
import type { FailureLine } from '../core/log.ts';
import type { RowKey } from '../core/rows.ts';
import { UnreadableRowError } from '../store/parse.ts';

/** Every error a step lets out is a StepFailure: what the machine matches and RecordFailure reads. */
export function asStepFailure(error: unknown): StepFailure {
  if (error instanceof StepFailure) return error;
  if (error instanceof AcmeError) return error.toFailure();
  const code = error instanceof UnreadableRowError ? 'unreadableRow' : 'unexpected';
  const message = error instanceof Error ? error.message : String(error);
  return new StepFailure({ class: 'bug', code, message }, { cause: error });
}

/**
 * The failure of a request whose outcome is not known and whose repeat is harmless: the step again, but not before the CA
 * asks for it. Any other failure stays what it is.
 */
export function repeatable(error: AcmeError): StepFailure {
  const failure = error.toFailure();
  if (failure.detail.class !== 'reconcile') return failure;
  const isAskedToWait = failure.detail.retryAt !== undefined || error.answer.problem?.type === 'rateLimited';
  const failureClass = isAskedToWait ? 'later' : 'transient';
  const scope = isAskedToWait ? { scope: scopeOf(error.answer) } : {};
  return new StepFailure({ ...failure.detail, ...scope, class: failureClass }, { cause: error });
}

/** The line of a failure that keeps nothing else from going on. */
export function swallowed(error: unknown, what: string, row?: RowKey): FailureLine {
  const { message, class: failureClass, code } = asStepFailure(error).detail;
  return {
    event: 'failure',
    message: `${what}: ${message}`,
    class: failureClass,
    code,
    ...(row === undefined ? {} : { row: `${row.pk} ${row.sk}` }),
  };
}

/** Runs a step's work and lets out nothing but StepFailures. */
export async function withStepFailures<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asStepFailure(error);
  }
}
