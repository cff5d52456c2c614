import { describe, expect, it } from 'vitest';
import { StepFailure } from '../../../lambdas/core/failure.ts';
import type { StatusChangeEvent } from '../../../lambdas/steps/caught-failure.ts';
import { readFailedRun } from '../../../lambdas/steps/caught-failure.ts';

const INPUT = { schema: 1, pk: 'CERT#site', sk: 'ROLE#current', startSeq: 7 } as const;
const failure = new StepFailure({ class: 'person', code: 'caa', message: 'CAA forbids it', ca: 'ca' });
const cause = JSON.stringify({ errorType: failure.name, errorMessage: failure.message });

function ended(detail: Partial<StatusChangeEvent['detail']>): StatusChangeEvent {
  const base = { executionArn: 'arn:run', status: 'FAILED', input: JSON.stringify(INPUT) };
  return { 'detail-type': 'Step Functions Execution Status Change', detail: { ...base, ...detail } };
}

const caught = (error: string, reason: string) =>
  readFailedRun({ execution: 'arn:run', input: { ...INPUT, failure: { Error: error, Cause: reason } } });

describe('What a machine has caught', () => {
  it('is the failure that the step threw', () => {
    expect(caught('PersonFailure', cause)).toEqual({
      execution: 'arn:run',
      input: { ...INPUT, failure: { Error: 'PersonFailure', Cause: cause } },
      detail: failure.detail,
      byRule: false,
    });
  });

  it.each([
    'States.Timeout',
    'States.HeartbeatTimeout',
    'Lambda.ServiceException',
    'Lambda.TooManyRequestsException',
    'Sandbox.Timedout',
    'Runtime.ExitError',
  ])('is transient where the platform failed: %s', (error) => {
    expect(caught(error, '{"errorMessage":"it took too long"}').detail).toEqual({
      class: 'transient',
      code: error,
      message: `${error}: it took too long`,
    });
  });

  it.each(['TypeError', 'UnexpectedStatus', 'States.DataLimitExceeded'])('is a bug where %s was thrown', (error) => {
    expect(caught(error, 'x').detail).toMatchObject({ class: 'bug', code: error });
  });

  it('is a bug without a reason where the machine gave none', () => {
    const { detail } = readFailedRun({ execution: 'arn:run', input: INPUT });
    expect(detail).toMatchObject({ class: 'bug', code: 'UnknownFailure' });
  });

  it('is cut where it is very long', () => {
    expect(caught('TypeError', 'x'.repeat(100_000)).detail.message.length).toBeLessThan(1100);
  });
});

describe('What the status rule tells', () => {
  it('is the row of the input, and the failure where the execution names one', () => {
    expect(readFailedRun(ended({ error: 'PersonFailure', cause }))).toEqual({
      execution: 'arn:run',
      input: INPUT,
      detail: failure.detail,
      byRule: true,
    });
  });

  it.each(['ABORTED', 'TIMED_OUT', 'FAILED'])(
    'is transient where an execution ended as %s without a word',
    (status) => {
      const { detail } = readFailedRun(ended({ status, error: null, cause: null }));
      expect(detail).toMatchObject({ class: 'transient', code: `Execution.${status}` });
    },
  );

  it.each(['{}', '[]', '"text"', '{"pk":"x","sk":"y"}'])('is refused where the input names no row: %s', (input) => {
    expect(() => readFailedRun(ended({ input }))).toThrow('names no row');
  });
});
