import type { FailureDetail } from './failure.ts';
import type { AcmeRequest } from './problem.ts';
import type { DueKind } from './rows.ts';

/** Whose work an invocation does: on each of its lines. */
export type RunFacts = {
  /** File name in `lambdas/handlers/`. */
  readonly handler: string;
  readonly certificate?: string;
  /** Of the row that is due. */
  readonly kind?: DueKind;
  /** Id of the target that is pushed to. */
  readonly target?: string;
  /** Partition key of the slot that is worked on, where it is known from the beginning. */
  readonly slot?: string;
  /** The claim that started the run. */
  readonly startSeq?: number;
  /** ARN of the execution. */
  readonly execution?: string;
};

/** The end of an invocation that did not fail. */
export type StepLine = {
  readonly event: 'step';
  readonly message: string;
  /** What was answered to the machine. */
  readonly status: string;
  readonly slot?: string;
  readonly waitSeconds?: number;
  readonly rounds?: number;
  /** Milliseconds. */
  readonly ms: number;
};

/** One HTTP request to a CA. */
export type CaRequestLine = {
  readonly event: 'caRequest';
  readonly message: string;
  /** Name of the CA, and what the request was for. */
  readonly ca?: string;
  readonly request?: AcmeRequest;
  readonly method: string;
  /** Path without what identifies a resource (`core/path-shape.ts`). */
  readonly path: string;
  /** 0 where there was no complete answer. */
  readonly httpStatus: number;
  /** Of a refusal, without its URN prefix. */
  readonly problemType?: string;
  /** What the CA calls the request. */
  readonly requestId?: string;
  /** Why it was no success: the problem's type, `http502` without one, or the code of the socket's error. */
  readonly error?: string;
  /** Milliseconds. */
  readonly ms: number;
};

/** Something that went wrong, whether or not it ended the invocation. */
export type FailureLine = {
  readonly event: 'failure';
  readonly message: string;
  readonly class: FailureDetail['class'];
  readonly code: string;
  readonly ca?: string;
  readonly request?: string;
  readonly httpStatus?: number;
  readonly problemType?: string;
  readonly requestId?: string;
  /** Not before this instant, ISO 8601. */
  readonly retryAt?: string;
  /** Key of the row that it is about, where that is not the run's own. */
  readonly row?: string;
  /** Channel that an alert could not be delivered to, and the alert's event and id. */
  readonly channel?: string;
  readonly alert?: string;
  /** Milliseconds that the invocation had taken; absent where it went on. */
  readonly ms?: number;
};

/** Something that people may want to know later; nothing failed. */
export type NoteLine = {
  readonly event: 'note';
  readonly message: string;
  readonly code: string;
  readonly ca?: string;
};

/** One look at the authoritative servers of the names in one zone. */
export type DnsLookLine = {
  readonly event: 'dnsLook';
  readonly message: string;
  /** Id of the zone, where it is known. */
  readonly zone: string;
  /** Names looked for, servers asked for them. */
  readonly names: number;
  readonly servers: number;
  /** Answers without the value, and those of them that were no answers at all. */
  readonly missing: number;
  readonly silent: number;
  /** Milliseconds. */
  readonly ms: number;
};

/**
 * All that is ever logged. Every field is named here: no body, header, URL, row or error is written as it is, so that a
 * secret has no way into a line but through a message.
 */
export type LogLine = StepLine | CaRequestLine | FailureLine | NoteLine | DnsLookLine;

/** Lines for people. Neither method ever throws or rejects because of logging. */
export interface Log {
  write(line: LogLine): void;
  /** Does the work; what is written within carries the facts, and the CAs that were asked so far. */
  within<T>(facts: RunFacts, work: () => Promise<T>): Promise<T>;
}

/** Where nobody reads. */
export const NO_LOG: Log = { write: () => undefined, within: (_facts, work) => work() };
