/** How Perennial reacts to a failure; `docs/architecture.md` has the table. */
export const FAILURE_CLASSES = ['transient', 'later', 'reconcile', 'reorder', 'caSide', 'person', 'bug'] as const;
export type FailureClass = (typeof FAILURE_CLASSES)[number];

/** What is known of a failure, as it is stored and told. Holds no secret. */
export type FailureDetail = {
  readonly class: FailureClass;
  /** Stable identifier: an ACME problem type without its URN prefix, an AWS error name, or one of Perennial's own. */
  readonly code: string;
  /** One sentence that names what failed and, where a person must act, what to do. */
  readonly message: string;
  /** Not before this instant (Retry-After), milliseconds since the epoch. */
  readonly retryAt?: number;
  /** A URL that a person must open. */
  readonly url?: string;
  /** Name of the CA in whose dealings it happened. */
  readonly ca?: string;
  /** What was asked of the CA, and the HTTP status of its answer. */
  readonly request?: string;
  readonly status?: number;
  /** What the CA calls the request: what its support asks for. */
  readonly requestId?: string;
  /** What the CA said of single identifiers (RFC 8555 section 6.7.1). */
  readonly subproblems?: readonly { readonly type: string; readonly detail: string; readonly identifier?: string }[];
  /** With `later`: how widely the wait holds (`core/failure-scope.ts`). */
  readonly scope?: string;
};

/** Marks the JSON part of {@link StepFailure.message}. */
const DETAIL_MARK = '\nperennial:';

/**
 * The error every step throws. Its `name` is what a state machine's Retry and Catch match; its message ends in the detail as
 * JSON, because the message is all that reaches RecordFailure on every runtime.
 */
export class StepFailure extends Error {
  readonly detail: FailureDetail;

  constructor(full: FailureDetail, options?: ErrorOptions) {
    const detail = shortened(full);
    super(`${detail.message}${DETAIL_MARK}${JSON.stringify(detail)}`, options);
    this.name = errorNameOf(detail.class);
    this.detail = detail;
  }
}

/** Step Functions cuts a cause at 32,768 characters; the message stands in it several times. */
const LONGEST_MESSAGE = 2_000;
const LONGEST_SUBPROBLEM = 200;
const MOST_SUBPROBLEMS = 10;

function shortened({ subproblems, ...full }: FailureDetail): FailureDetail {
  const message = shorten(full.message, LONGEST_MESSAGE);
  if (subproblems === undefined) return { ...full, message };
  const first = subproblems.slice(0, MOST_SUBPROBLEMS);
  return {
    ...full,
    message,
    subproblems: first.map((each) => ({ ...each, detail: shorten(each.detail, LONGEST_SUBPROBLEM) })),
  };
}

function shorten(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}

/** ASL error name of a class: `transient` is `TransientFailure`. */
export function errorNameOf(failureClass: FailureClass): string {
  return `${failureClass.charAt(0).toUpperCase()}${failureClass.slice(1)}Failure`;
}

/** Reads the detail back from a message or a Lambda's JSON cause; undefined when the error was not a {@link StepFailure}. */
export function readFailureDetail(cause: string): FailureDetail | undefined {
  const message = messageOfCause(cause);
  const at = message.lastIndexOf(DETAIL_MARK);
  if (at < 0) return undefined;
  try {
    const parsed: unknown = JSON.parse(message.slice(at + DETAIL_MARK.length));
    return isFailureDetail(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** The human part of a Lambda's cause, which is JSON on AWS and a bare message elsewhere. */
export function messageOfCause(cause: string): string {
  try {
    const parsed: unknown = JSON.parse(cause);
    if (typeof parsed === 'object' && parsed !== null && 'errorMessage' in parsed) return String(parsed.errorMessage);
  } catch {
    // A bare message is not JSON.
  }
  return cause;
}

function isFailureDetail(value: unknown): value is FailureDetail {
  if (typeof value !== 'object' || value === null) return false;
  if (!('class' in value && 'code' in value && 'message' in value)) return false;
  return FAILURE_CLASSES.some((known) => known === value.class);
}
