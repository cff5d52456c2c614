import type { FailureLine } from '../core/log.ts';
import type { CatchEvent, StatusChangeEvent } from '../steps/caught-failure.ts';
import { isPlatformError, readFailedRun } from '../steps/caught-failure.ts';
import { lineOfDetail } from './failure-line.ts';

/**
 * The failure that an event for RecordFailure tells of, where it is the platform's (a time-out, a Lambda that died): the step
 * itself had no time to write a line. Undefined for what a step has told, and for an event that cannot be read.
 */
export function toldFailureOf(event: unknown): FailureLine | undefined {
  try {
    const { detail } = readFailedRun(event as CatchEvent | StatusChangeEvent);
    return isPlatformError(detail.code) ? lineOfDetail(detail) : undefined;
  } catch {
    return undefined;
  }
}
