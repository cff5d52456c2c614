import { describe, expect, it } from 'vitest';
import { AcmeError } from '../../../lambdas/acme/error.ts';
import { StepFailure } from '../../../lambdas/core/failure.ts';
import type { LogLine, RunFacts } from '../../../lambdas/core/log.ts';
import { logged } from '../../../lambdas/ports/logged.ts';

const EXECUTION = 'arn:aws:states:us-east-1:123456789012:execution:Perennial-renewal:x';
const EVENT = { execution: EXECUTION, input: { schema: 1, pk: 'CERT#site', sk: 'ROLE#current', startSeq: 7 } };

/** A log that remembers, and a clock that goes on by 5 ms at each look. */
function recorder() {
  const lines: LogLine[] = [];
  const facts: RunFacts[] = [];
  let now = 0;
  const log = {
    write: (line: LogLine) => void lines.push(line),
    within: <T>(of: RunFacts, work: () => Promise<T>) => {
      facts.push(of);
      return work();
    },
  };
  const clock = {
    now: () => {
      now += 5;
      return now;
    },
    sleep: async () => undefined,
  };
  return { lines, facts, parts: { log, clock } };
}

describe('An invocation that is logged', () => {
  it('tells what it answered, without the nonce that it hands on', async () => {
    const { lines, facts, parts } = recorder();
    const answer = { status: 'pending', waitSeconds: 5, rounds: 1, slot: 'SLOT#1', nonce: 'n0nce', startedAt: 1 };
    expect(await logged('create-order', parts, EVENT, async () => answer)).toBe(answer);
    expect(facts).toEqual([
      { handler: 'create-order', certificate: 'site', kind: 'renew', startSeq: 7, execution: EXECUTION },
    ]);
    expect(lines).toEqual([
      {
        event: 'step',
        message: 'create-order: pending',
        status: 'pending',
        slot: 'SLOT#1',
        waitSeconds: 5,
        rounds: 1,
        ms: 5,
      },
    ]);
  });

  it.each([
    [
      'a push',
      { ...EVENT, input: { ...EVENT.input, sk: 'TARGET#acm' } },
      { certificate: 'site', kind: 'push', target: 'acm' },
    ],
    ['a settle', { ...EVENT, input: { ...EVENT.input, pk: 'SLOT#1', sk: 'SLOT' } }, { slot: 'SLOT#1', kind: 'settle' }],
    ['a sweep', { execution: EXECUTION, input: {} }, { execution: EXECUTION }],
    ['a deployment', { RequestType: 'Create' }, { handler: 'x' }],
    ['nothing', undefined, { handler: 'x' }],
    [
      'the status rule',
      { detail: { executionArn: EXECUTION, status: 'FAILED', input: JSON.stringify(EVENT.input) } },
      { certificate: 'site', execution: EXECUTION, startSeq: 7 },
    ],
    ['the status rule, unreadable', { detail: { executionArn: EXECUTION, input: '{' } }, { execution: EXECUTION }],
  ])('knows whose work it is, of %s', async (_what, event, known) => {
    const { facts, parts } = recorder();
    await logged('x', parts, event, async () => undefined);
    expect(facts[0]).toMatchObject(known);
  });

  it('tells why it failed, and fails as it did', async () => {
    const { lines, parts } = recorder();
    const problem = { type: 'rateLimited', detail: 'too many', subproblems: [] };
    const error = new AcmeError({ request: 'newOrder', status: 429, problem, requestId: 'r-1', retryAt: 0 }, 'local');
    const failed = logged('create-order', parts, EVENT, () => Promise.reject(error.toFailure()));
    await expect(failed).rejects.toThrow(/rateLimited/);
    expect(lines).toEqual([
      {
        event: 'failure',
        message: 'local answered 429 rateLimited to newOrder: too many',
        class: 'later',
        code: 'rateLimited',
        ca: 'local',
        request: 'newOrder',
        httpStatus: 429,
        problemType: 'rateLimited',
        requestId: 'r-1',
        retryAt: '1970-01-01T00:00:00.000Z',
        ms: 5,
      },
    ]);
  });

  it('says of an error that nobody foresaw that it is a bug', async () => {
    const { lines, parts } = recorder();
    await expect(logged('x', parts, EVENT, () => Promise.reject(new TypeError('no')))).rejects.toThrow(TypeError);
    expect(lines[0]).toMatchObject({ event: 'failure', class: 'bug', code: 'unexpected', message: 'no' });
  });

  it('tells in RecordFailure what the platform ended, and nothing twice', async () => {
    const { lines, parts } = recorder();
    const caught = (failure: unknown) => ({ ...EVENT, input: { ...EVENT.input, failure } });
    const work = async () => ({ status: 'recorded' });
    await logged('record-failure', parts, caught({ Error: 'States.Timeout', Cause: 'the task took too long' }), work);
    const told = new StepFailure({ class: 'person', code: 'caa', message: 'told by the step' });
    await logged('record-failure', parts, caught({ Error: told.name, Cause: told.message }), work);
    expect(lines.map(({ event, message }) => [event, message])).toEqual([
      ['failure', 'States.Timeout: the task took too long'],
      ['step', 'record-failure: recorded'],
      ['step', 'record-failure: recorded'],
    ]);
  });
});
