import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RETRIED_ERRORS } from '../../../infra/step-task.ts';
import type { FailureDetail } from '../../../lambdas/core/failure.ts';
import {
  errorNameOf,
  FAILURE_CLASSES,
  messageOfCause,
  readFailureDetail,
  StepFailure,
} from '../../../lambdas/core/failure.ts';

const DETAIL: FailureDetail = {
  class: 'later',
  code: 'rateLimited',
  message: 'ca answered 429 rateLimited to newOrder: too many "orders"\nsee the second line',
  retryAt: 1_800_000_000_000,
  url: 'https://ca.test/limits',
  ca: 'ca',
};

/** The cause as the Lambda runtime makes it of a thrown error. */
function lambdaCause(error: Error): string {
  return JSON.stringify({ errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') });
}

describe('A failure', () => {
  it.each([
    ['transient', 'TransientFailure'],
    ['later', 'LaterFailure'],
    ['reconcile', 'ReconcileFailure'],
    ['reorder', 'ReorderFailure'],
    ['caSide', 'CaSideFailure'],
    ['person', 'PersonFailure'],
    ['bug', 'BugFailure'],
  ] as const)('of class %s is called %s', (failureClass, name) => {
    expect(errorNameOf(failureClass)).toBe(name);
    expect(new StepFailure({ ...DETAIL, class: failureClass }).name).toBe(name);
  });

  it('is repeated by the machine only where it is transient', () => {
    const retried = FAILURE_CLASSES.filter((name) => RETRIED_ERRORS.some((error) => error === errorNameOf(name)));
    expect(retried).toEqual(['transient']);
  });

  it.each([
    ['its bare message', (error: Error) => error.message],
    ["the Lambda runtime's JSON", lambdaCause],
  ])('is read back whole from %s', (_what, causeOf) => {
    expect(readFailureDetail(causeOf(new StepFailure(DETAIL)))).toEqual(DETAIL);
  });

  it('is read back whatever its message says, even what looks like another failure', () => {
    const nested = new StepFailure({ ...DETAIL, message: new StepFailure(DETAIL).message });
    expect(readFailureDetail(lambdaCause(nested))?.class).toBe('later');
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (message) => {
        const detail = readFailureDetail(lambdaCause(new StepFailure({ ...DETAIL, message })));
        expect(detail).toEqual({ ...DETAIL, message });
      }),
    );
  });

  it.each([
    ['another error', 'TypeError: x is not a function'],
    ['a cause that was cut', lambdaCause(new StepFailure(DETAIL)).slice(0, 150)],
    ['an unknown class', `x\nperennial:${JSON.stringify({ ...DETAIL, class: 'weather' })}`],
    ['a detail without a code', 'x\nperennial:{"class":"later","message":"x"}'],
    ['no JSON', 'x\nperennial:{'],
    ['null', 'x\nperennial:null'],
    ['nothing', ''],
  ])('is not read from %s', (_what, cause) => {
    expect(readFailureDetail(cause)).toBeUndefined();
  });

  it.each([
    ["the Lambda runtime's JSON", '{"errorType":"Error","errorMessage":"no room"}', 'no room'],
    ['a bare message', 'no room', 'no room'],
    ['JSON that is no error', '{"a":1}', '{"a":1}'],
    ['JSON that is no object', '42', '42'],
  ])('has its words in %s', (_what, cause, message) => {
    expect(messageOfCause(cause)).toBe(message);
  });
});
