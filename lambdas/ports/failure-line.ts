import { AcmeError } from '../acme/error.ts';
import type { FailureDetail } from '../core/failure.ts';
import type { FailureLine } from '../core/log.ts';
import { asStepFailure } from '../steps/failures.ts';

/** The line of an error that a step let out. */
export function failureLineOf(error: unknown, ms: number): FailureLine {
  const type = problemTypeOf(error);
  return { ...lineOfDetail(asStepFailure(error).detail), ...(type === undefined ? {} : { problemType: type }), ms };
}

/** The line of a failure that another invocation, or the platform, has told of. */
export function lineOfDetail(detail: FailureDetail): FailureLine {
  const { message, class: failureClass, code, ca, request, status, requestId, retryAt } = detail;
  return {
    event: 'failure',
    message,
    class: failureClass,
    code,
    ...(ca === undefined ? {} : { ca }),
    ...(request === undefined ? {} : { request }),
    ...(status === undefined ? {} : { httpStatus: status }),
    ...(requestId === undefined ? {} : { requestId }),
    ...retryAtOf(retryAt),
  };
}

/** What the CA called its refusal: of the error, or of what it came from. */
function problemTypeOf(error: unknown): string | undefined {
  if (error instanceof AcmeError) return error.answer.problem?.type || undefined;
  return error instanceof Error && error.cause !== undefined ? problemTypeOf(error.cause) : undefined;
}

/** Beyond this Date knows no instant: milliseconds. */
const LAST_INSTANT = 8.64e15;

function retryAtOf(at: number | undefined): { readonly retryAt?: string } {
  return at === undefined || !(Math.abs(at) <= LAST_INSTANT) ? {} : { retryAt: new Date(at).toISOString() };
}
