import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ORDER_STEP_STATUSES,
  PUSH_STEP_STATUSES,
  type StepResult,
  SWEEP_STEP_STATUSES,
} from '../../../lambdas/core/step-result.ts';
import { TIMEOUTS } from '../../../lambdas/core/timeouts.ts';
import { synthesiseDefinitions } from '../../../local/embedded/definitions.ts';
import {
  type ExecutionRecord,
  type StatusChangeEvent,
  statesOf,
  transitionsOf,
} from '../../../local/embedded/execution.ts';
import { createInterpreter, type Interpreter, type LocalHandlers } from '../../../local/embedded/interpreter.ts';
import type { LocalHandler } from '../../../local/embedded/invocation.ts';
import { VirtualTime } from '../../../local/embedded/virtual-time.ts';
import { CONFIG } from '../../infra/fixtures.ts';

const definitions = synthesiseDefinitions(CONFIG);
const START = Date.UTC(2026, 0, 1);
const INPUT = { schema: 1, pk: 'CERT#shop', sk: 'ROLE#current', startSeq: 7 };

let time: VirtualTime;
let calls: { readonly state: string; readonly payload: unknown; readonly at: number }[];
let told: StatusChangeEvent[];

beforeEach(() => {
  time = new VirtualTime(START);
  calls = [];
  told = [];
});
afterEach(() => time.dispose());

function answer(status: string, waitSeconds = 0): StepResult<string> {
  return { status, waitSeconds, rounds: 1, slot: '', nonce: '', startedAt: START };
}

/** Answers one script entry a call; a call beyond the script fails the test. */
function scripted(state: string, script: readonly (StepResult<string> | Error | LocalHandler)[]): LocalHandler {
  const left = [...script];
  return async (payload) => {
    calls.push({ state, payload, at: time.clock.now() });
    const next = left.shift();
    if (next === undefined) throw new Error(`${state} was called once more than scripted`);
    if (next instanceof Error) throw next;
    return typeof next === 'function' ? next(payload) : next;
  };
}

function failure(name: string, message = 'out of order'): Error {
  return Object.assign(new Error(message), { name });
}

function interpreterOf(handlers: LocalHandlers): Interpreter {
  return createInterpreter({
    definitions,
    handlers,
    time,
    onStatusChange: async (event) => {
      told.push(event);
    },
  });
}

async function finish(interpreter: Interpreter, arn: string): Promise<ExecutionRecord> {
  await time.runUntil(() => interpreter.describe(arn).status !== 'RUNNING', 2 * TIMEOUTS.machine * 1000);
  await time.advance(0);
  return interpreter.describe(arn);
}

async function run(
  machine: 'renewal' | 'push' | 'settle' | 'sweep',
  handlers: LocalHandlers,
  more: object = {},
): Promise<ExecutionRecord> {
  const interpreter = interpreterOf(handlers);
  return finish(interpreter, interpreter.start(machine, 'run-1', machine === 'sweep' ? {} : { ...INPUT, ...more }));
}

describe('Renewal on the interpreter', () => {
  it('takes 8 transitions on the happy path', async () => {
    const record = await run('renewal', {
      CreateOrder: scripted('CreateOrder', [answer('pending', 5)]),
      PollOrder: scripted('PollOrder', [answer('ready')]),
      FinalizeOrder: scripted('FinalizeOrder', [answer('done')]),
    });
    expect(record.status).toBe('SUCCEEDED');
    expect(statesOf(record)).toEqual([
      'CreateOrder',
      'OrderStatus?',
      'WaitForCa',
      'PollOrder',
      'OrderStatus?',
      'FinalizeOrder',
      'OrderStatus?',
      'Done',
    ]);
    expect(transitionsOf(record)).toBe(8);
  });

  it('waits as long as the step asked for', async () => {
    await run('renewal', {
      CreateOrder: scripted('CreateOrder', [answer('pending', 300)]),
      PollOrder: scripted('PollOrder', [answer('processing', 60), answer('valid')]),
      FinalizeOrder: scripted('FinalizeOrder', [answer('done')]),
    });
    expect(calls.map(({ at }) => at - START)).toEqual([0, 300_000, 360_000, 360_000]);
  });

  it('hands execution and state to each step, with what the last one answered', async () => {
    const record = await run('renewal', {
      CreateOrder: scripted('CreateOrder', [answer('ready')]),
      FinalizeOrder: scripted('FinalizeOrder', [answer('done')]),
    });
    expect(calls[0]?.payload).toEqual({ execution: record.arn, input: INPUT });
    expect(calls[1]?.payload).toEqual({
      execution: record.arn,
      input: { ...INPUT, step: { result: answer('ready') } },
    });
  });

  it.each([
    ['pending', 'WaitForCa'],
    ['processing', 'WaitForCa'],
    ['ready', 'FinalizeOrder'],
    ['valid', 'FinalizeOrder'],
    ['reorder', 'CreateOrder'],
    ['done', 'Done'],
    ['held', 'Held'],
    ['parked', 'Parked'],
    ['superseded', 'Superseded'],
  ])('follows %s to %s', async (status, next) => {
    const record = await run('renewal', {
      CreateOrder: scripted('CreateOrder', [answer(status), answer('done')]),
      PollOrder: scripted('PollOrder', [answer('done')]),
      FinalizeOrder: scripted('FinalizeOrder', [answer('done')]),
    });
    expect(record.status).toBe('SUCCEEDED');
    expect(statesOf(record)[2]).toBe(next);
    expect(ORDER_STEP_STATUSES).toContain(status);
  });

  it('records a failure, then fails with the first error', async () => {
    const record = await run('renewal', {
      CreateOrder: scripted('CreateOrder', [failure('PersonFailure', 'CAA forbids it')]),
      RecordFailure: scripted('RecordFailure', [answer('done')]),
    });
    expect(record).toMatchObject({ status: 'FAILED', error: 'PersonFailure' });
    expect(statesOf(record)).toEqual(['CreateOrder', 'RecordFailure', 'RenewalFailed']);
    expect(JSON.parse(record.cause ?? '')).toMatchObject({
      errorType: 'PersonFailure',
      errorMessage: 'CAA forbids it',
    });
    expect(calls[1]?.payload).toMatchObject({
      execution: record.arn,
      input: { ...INPUT, failure: { Error: 'PersonFailure', Cause: expect.stringContaining('CAA forbids it') } },
    });
  });

  it('fails with the first error also where recording it fails', async () => {
    const record = await run('renewal', {
      CreateOrder: scripted('CreateOrder', [failure('PersonFailure')]),
      RecordFailure: scripted('RecordFailure', [failure('BugFailure')]),
    });
    expect(record).toMatchObject({ status: 'FAILED', error: 'PersonFailure' });
  });

  it('tries a transient failure again, three times, within 14 seconds', async () => {
    const record = await run('renewal', {
      CreateOrder: scripted('CreateOrder', Array(4).fill(failure('TransientFailure'))),
      RecordFailure: scripted('RecordFailure', [answer('done')]),
    });
    const attempts = calls.filter(({ state }) => state === 'CreateOrder');
    expect(attempts).toHaveLength(4);
    expect((attempts[3]?.at ?? 0) - START).toBeLessThanOrEqual(14_000);
    expect(record.error).toBe('TransientFailure');
    expect(transitionsOf(record)).toBe(6);
  });

  it('does not try any other failure of a step again', async () => {
    await run('renewal', {
      CreateOrder: scripted('CreateOrder', [failure('LaterFailure')]),
      RecordFailure: scripted('RecordFailure', [answer('done')]),
    });
    expect(calls.map(({ state }) => state)).toEqual(['CreateOrder', 'RecordFailure']);
  });

  it('tells a status that it does not know as UnexpectedStatus, and records it', async () => {
    const record = await run('renewal', {
      CreateOrder: scripted('CreateOrder', [answer('marvellous')]),
      RecordFailure: scripted('RecordFailure', [answer('done')]),
    });
    expect(record).toMatchObject({ status: 'FAILED', error: 'UnexpectedStatus' });
    expect(record.cause).toContain('"marvellous"');
    expect(statesOf(record)).toEqual([
      'CreateOrder',
      'OrderStatus?',
      'UnexpectedStatus',
      'RecordFailure',
      'RenewalFailed',
    ]);
  });

  it('ends an answer without a status as States.Runtime, which only the status rule sees', async () => {
    const record = await run('renewal', { CreateOrder: scripted('CreateOrder', [async () => ({})]) });
    expect(record).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(told).toMatchObject([
      { detail: { status: 'FAILED', executionArn: record.arn, input: JSON.stringify(INPUT) } },
    ]);
  });

  it('ends an invocation that never answers at the timeout of its Lambda', async () => {
    const record = await run('renewal', {
      CreateOrder: scripted('CreateOrder', [() => time.hang()]),
      RecordFailure: scripted('RecordFailure', [answer('done')]),
    });
    expect(record.error).toBe('Sandbox.Timedout');
    expect((calls[1]?.at ?? 0) - START).toBe(TIMEOUTS.lambda * 1000);
  });

  it('times out after its hour', async () => {
    const record = await run('renewal', {
      CreateOrder: scripted('CreateOrder', [answer('pending', 2 * TIMEOUTS.machine)]),
    });
    expect(record.status).toBe('TIMED_OUT');
    expect((record.stoppedAt ?? 0) - START).toBe(TIMEOUTS.machine * 1000);
    expect(told).toMatchObject([{ detail: { status: 'TIMED_OUT' } }]);
  });
});

describe('Push, Settle and Sweep on the interpreter', () => {
  it.each([
    ['proving', 'WaitForTarget'],
    ['push', 'Family?'],
    ['done', 'Done'],
    ['parked', 'Parked'],
    ['superseded', 'Superseded'],
  ])('Push follows %s to %s', async (status, next) => {
    const record = await run('push', {
      PushTarget: scripted('PushTarget', [answer(status), answer('done')]),
      ProbeTarget: scripted('ProbeTarget', [answer('done')]),
    });
    expect(record.status).toBe('SUCCEEDED');
    expect(statesOf(record)[3]).toBe(next);
    expect(PUSH_STEP_STATUSES).toContain(status);
  });

  it('Push probes until the target serves, and pushes again where a probe asks for it', async () => {
    const record = await run('push', {
      PushTarget: scripted('PushTarget', [answer('proving', 10), answer('proving', 10)]),
      ProbeTarget: scripted('ProbeTarget', [answer('push'), answer('done')]),
    });
    expect(calls.map(({ state }) => state)).toEqual(['PushTarget', 'ProbeTarget', 'PushTarget', 'ProbeTarget']);
    expect(record.status).toBe('SUCCEEDED');
  });

  it.each([
    ['aws', 'PushAws'],
    ['export', 'PushExport'],
  ])('Push has a target of the family %s pushed to by %s', async (family, state) => {
    const record = await run('push', { [state]: scripted(state, [answer('done')]) }, { family });
    expect(statesOf(record)).toEqual(['Family?', state, 'PushStatus?', 'Done']);
  });

  it.each([
    ['push', 'PushTarget', ['Family?', 'PushTarget', 'RecordFailure', 'PushFailed']],
    ['settle', 'Settle', ['Settle', 'RecordFailure', 'SettleFailed']],
  ] as const)('%s records the failure of %s and ends in failure', async (machine, state, states) => {
    const record = await run(machine, {
      [state]: scripted(state, [failure('CaSideFailure')]),
      RecordFailure: scripted('RecordFailure', [answer('done')]),
    });
    expect(record).toMatchObject({ status: 'FAILED', error: 'CaSideFailure' });
    expect(statesOf(record)).toEqual(states);
    expect(told).toHaveLength(1);
  });

  it('Settle is one task, whatever it answers', async () => {
    const record = await run('settle', { Settle: scripted('Settle', [answer('processing', 60)]) });
    expect(statesOf(record)).toEqual(['Settle', 'Done']);
  });

  it('Sweep goes round as long as there is more', async () => {
    const record = await run('sweep', {
      FindDue: scripted('FindDue', [answer('more', 1), answer('more', 1), answer('done')]),
    });
    expect(record.status).toBe('SUCCEEDED');
    expect(calls.map(({ at }) => at - START)).toEqual([0, 1000, 2000]);
  });

  it('Sweep asks the CAs once there is nothing left to start, and then starts what that made due', async () => {
    const record = await run('sweep', {
      FindDue: scripted('FindDue', [answer('ari'), answer('done')]),
      RefreshAri: scripted('RefreshAri', [answer('more', 1)]),
    });
    expect(statesOf(record).filter((state) => state.endsWith('?') === false)).toEqual([
      'FindDue',
      'RefreshAri',
      'WaitForRound',
      'FindDue',
      'Done',
    ]);
    expect(SWEEP_STEP_STATUSES).toEqual(['more', 'ari', 'done']);
  });

  it('Sweep fails by name, and nobody is told by the status rule', async () => {
    const record = await run('sweep', { FindDue: scripted('FindDue', [failure('BugFailure')]) });
    expect(record).toMatchObject({ status: 'FAILED', error: 'BugFailure' });
    expect(statesOf(record)).toEqual(['FindDue', 'SweepFailed']);
    expect(told).toEqual([]);
  });
});

describe('StartExecution on the interpreter', () => {
  const waiting: LocalHandlers = {
    'create-order': async () => answer('pending', 600),
    'poll-order': async () => answer('done'),
  };

  it('answers the running execution to the same name and input, and runs it once', async () => {
    const interpreter = interpreterOf(waiting);
    const arns = Array.from({ length: 20 }, () => interpreter.start('renewal', 'same', INPUT));
    expect(new Set(arns).size).toBe(1);
    expect(interpreter.executions).toHaveLength(1);
    await finish(interpreter, arns[0] ?? '');
  });

  it('refuses a running name with another input, and a closed name with any', async () => {
    const interpreter = interpreterOf(waiting);
    const arn = interpreter.start('renewal', 'same', INPUT);
    expect(() => interpreter.start('renewal', 'same', { ...INPUT, startSeq: 8 })).toThrow(/Execution Already Exists/);
    await finish(interpreter, arn);
    expect(() => interpreter.start('renewal', 'same', INPUT)).toThrow(/Execution Already Exists/);
  });

  it('keeps the names of machines apart', async () => {
    const interpreter = interpreterOf({ ...waiting, Settle: async () => answer('done') });
    const arns = [interpreter.start('renewal', 'same', INPUT), interpreter.start('settle', 'same', INPUT)];
    for (const arn of arns) expect((await finish(interpreter, arn)).status).toBe('SUCCEEDED');
  });

  it('knows no execution that was never started', () => {
    expect(() => interpreterOf({}).describe('arn:aws:states:us-east-1:123456789012:execution:x:y')).toThrow(
      /Execution Does Not Exist/,
    );
  });

  it('aborts a waiting execution, calls nothing after it, and tells the status rule', async () => {
    const interpreter = interpreterOf(waiting);
    const arn = interpreter.start('renewal', 'doomed', INPUT);
    await time.advance(1000);
    interpreter.abort(arn);
    const record = await finish(interpreter, arn);
    expect(record.status).toBe('ABORTED');
    expect(statesOf(record)).toEqual(['CreateOrder', 'OrderStatus?', 'WaitForCa']);
    expect(told).toMatchObject([{ detail: { status: 'ABORTED', error: null } }]);
  });

  it('calls nothing more after an abort during a task that then fails', async () => {
    const interpreter = interpreterOf({
      CreateOrder: scripted('CreateOrder', [
        async () => {
          await time.clock.sleep(5000);
          throw failure('TransientFailure');
        },
      ]),
      RecordFailure: scripted('RecordFailure', []),
    });
    const arn = interpreter.start('renewal', 'doomed', INPUT);
    await time.advance(1000);
    interpreter.abort(arn);
    await time.advance(TIMEOUTS.machine * 1000);
    expect(interpreter.describe(arn).status).toBe('ABORTED');
    expect(calls.map(({ state }) => state)).toEqual(['CreateOrder']);
  });

  it('redrives a stopped execution in the state it was in, with the input of that state', async () => {
    const interpreter = interpreterOf({
      CreateOrder: scripted('CreateOrder', [answer('pending', 5)]),
      PollOrder: scripted('PollOrder', [() => time.clock.sleep(5000), answer('ready')]),
      FinalizeOrder: scripted('FinalizeOrder', [answer('done')]),
    });
    const arn = interpreter.start('renewal', 'again', INPUT);
    await time.advance(6000);
    interpreter.abort(arn);
    const stopped = await interpreter.ended(arn);
    expect(stopped).toMatchObject({ status: 'ABORTED', stoppedAt: START + 6000 });
    interpreter.redrive(arn);
    expect(interpreter.describe(arn)).not.toHaveProperty('stoppedAt');
    const record = await finish(interpreter, arn);
    expect(record.status).toBe('SUCCEEDED');
    expect(calls.map(({ state }) => state)).toEqual(['CreateOrder', 'PollOrder', 'PollOrder', 'FinalizeOrder']);
    expect(calls[2]?.payload).toEqual(calls[1]?.payload);
    expect(interpreter.running).toBe(0);
  });

  it('calls nothing more for what was stopped, also while the redriven execution runs', async () => {
    const late = async (): Promise<never> => {
      await time.clock.sleep(5000);
      throw failure('TransientFailure');
    };
    const interpreter = interpreterOf({
      CreateOrder: scripted('CreateOrder', [late, answer('pending', 60), answer('done')]),
    });
    const arn = interpreter.start('renewal', 'again', INPUT);
    await time.advance(1000);
    interpreter.abort(arn);
    await interpreter.ended(arn);
    interpreter.redrive(arn);
    await time.advance(30_000);
    expect(interpreter.describe(arn).status).toBe('RUNNING');
    expect(calls).toHaveLength(2);
  });

  it('enters the Fail state of a redriven execution again, and tells the status rule once more', async () => {
    const interpreter = interpreterOf({
      CreateOrder: scripted('CreateOrder', [failure('BugFailure')]),
      RecordFailure: scripted('RecordFailure', [answer('recorded')]),
    });
    const arn = interpreter.start('renewal', 'again', INPUT);
    const { error } = await finish(interpreter, arn);
    interpreter.redrive(arn);
    expect(await finish(interpreter, arn)).toMatchObject({ status: 'FAILED', error });
    expect(calls.map(({ state }) => state)).toEqual(['CreateOrder', 'RecordFailure']);
    expect(told.map(({ detail }) => detail.status)).toEqual(['FAILED', 'FAILED']);
  });

  it('redrives neither what runs nor what has succeeded', async () => {
    const interpreter = interpreterOf(waiting);
    const arn = interpreter.start('renewal', 'same', INPUT);
    expect(() => interpreter.redrive(arn)).toThrow(/Execution Not Redrivable: '.*' is RUNNING/);
    await finish(interpreter, arn);
    expect(() => interpreter.redrive(arn)).toThrow(/is SUCCEEDED/);
  });

  it('keeps what a listener threw', async () => {
    const interpreter = createInterpreter({
      definitions,
      handlers: { CreateOrder: async () => ({}) },
      time,
      onStatusChange: () => Promise.reject(new Error('no one listens')),
    });
    await finish(interpreter, interpreter.start('renewal', 'run-1', INPUT));
    expect(interpreter.failedDeliveries).toMatchObject([{ message: 'no one listens' }]);
  });
});
