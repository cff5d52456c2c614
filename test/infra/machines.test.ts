import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import type { MachineName } from '../../infra/machine-names.ts';
import { RETRIED_ERRORS, TASK_RETRY } from '../../infra/step-task.ts';
import { errorNameOf, FAILURE_CLASSES } from '../../lambdas/core/failure.ts';
import { ORDER_STEP_STATUSES, PUSH_STEP_STATUSES, SWEEP_STEP_STATUSES } from '../../lambdas/core/step-result.ts';
import { RUN_MS, TIMEOUTS } from '../../lambdas/core/timeouts.ts';
import { definitions, resourcesOf } from './template.ts';

/** asl-validator has no types. It writes into what it validates. */
const aslValidator: (
  definition: object,
  options: object,
) => { readonly isValid: boolean; readonly errorsText: () => string } = createRequire(import.meta.url)('asl-validator');

type Json = Readonly<Record<string, unknown>>;

const MACHINES = Object.keys(definitions.machines) as MachineName[];

function statesOf(machine: MachineName): readonly (readonly [string, Json])[] {
  return Object.entries(definitions.machines[machine].definition.States).map(([name, state]) => [name, { ...state }]);
}

function ofType(machine: MachineName, type: string): readonly (readonly [string, Json])[] {
  return statesOf(machine).filter(([, state]) => state.Type === type);
}

describe.each(MACHINES)('The %s machine', (machine) => {
  const tasks = ofType(machine, 'Task');

  it('is valid Amazon States Language', () => {
    const verdict = aslValidator(structuredClone(definitions.machines[machine].definition), {
      checkArn: true,
      checkPaths: true,
    });
    expect(verdict.errorsText()).toBe('');
    expect(verdict.isValid).toBe(true);
  });

  it('catches everything at every task, and keeps the input of the run', () => {
    expect(tasks.length).toBeGreaterThan(0);
    for (const [name, { Catch }] of tasks) {
      const caught = Catch as readonly {
        readonly ErrorEquals: readonly string[];
        readonly ResultPath: string | null;
      }[];
      expect(caught.map(({ ErrorEquals }) => ErrorEquals)).toEqual([['States.ALL']]);
      expect(caught[0]?.ResultPath).toBe(name === 'RecordFailure' ? null : '$.failure');
    }
  });

  it('has a Default at every Choice', () => {
    for (const [name, state] of ofType(machine, 'Choice'))
      expect(state.Default).toBe(name === 'Family?' ? 'PushTarget' : 'UnexpectedStatus');
  });

  it('gives every task its timeout and the same retrier [L28]', () => {
    for (const [, { TimeoutSeconds, Retry }] of tasks) {
      expect(TimeoutSeconds).toBe(TIMEOUTS.task);
      expect(Retry).toEqual([
        { ErrorEquals: RETRIED_ERRORS, IntervalSeconds: 2, BackoffRate: 2, MaxAttempts: 3, JitterStrategy: 'FULL' },
      ]);
    }
  });

  it('hands over the execution and its state, and neither name nor shape of a secret', () => {
    for (const [, state] of tasks) {
      const { Payload } = state.Parameters as { readonly Payload: unknown };
      expect(Payload).toEqual({ 'execution.$': '$$.Execution.Id', 'input.$': '$' });
    }
    expect(JSON.stringify(definitions.machines[machine].definition)).not.toMatch(
      /private|secret|password|pem\b|csr\b|token/i,
    );
  });

  it('keeps the answer of each step at $.step.result, where Choice and Wait read it', () => {
    for (const [name, state] of tasks.filter(([task]) => task !== 'RecordFailure')) {
      expect([name, state.ResultSelector, state.ResultPath]).toEqual([name, { 'result.$': '$.Payload' }, '$.step']);
    }
    for (const [, wait] of ofType(machine, 'Wait')) expect(wait.SecondsPath).toBe('$.step.result.waitSeconds');
  });

  it('uses nothing that the interpreter would run otherwise than AWS', () => {
    const text = JSON.stringify(definitions.machines[machine].definition);
    expect(text).not.toMatch(/"(Assign|HeartbeatSeconds|QueryLanguage|ToleratedFailure\w+|ItemReader)"/);
    const types = new Set(statesOf(machine).map(([, state]) => String(state.Type)));
    expect(['Task', 'Choice', 'Wait', 'Pass', 'Succeed', 'Fail']).toEqual(expect.arrayContaining([...types]));
  });

  it('calls published versions', () => {
    const versions = Object.values(definitions.functions).map(({ versionArn }) => versionArn);
    for (const [, state] of tasks) {
      const { FunctionName } = state.Parameters as { readonly FunctionName: string };
      expect(versions).toContain(FunctionName);
    }
  });

  it('fails only with what was caught', () => {
    for (const [, state] of ofType(machine, 'Fail')) {
      expect(state).toMatchObject({ ErrorPath: '$.failure.Error', CausePath: '$.failure.Cause' });
    }
  });
});

describe('The statuses that Choices know', () => {
  it.each([
    ['renewal', 'OrderStatus?', ORDER_STEP_STATUSES],
    ['push', 'PushStatus?', PUSH_STEP_STATUSES],
    ['sweep', 'SweepStatus?', SWEEP_STEP_STATUSES],
  ] as const)('%s: %s has a rule for each of its union and no other', (machine, state, statuses) => {
    const choice = ofType(machine, 'Choice').find(([name]) => name === state);
    const rules = choice?.[1].Choices as readonly { readonly Variable: string; readonly StringEquals: string }[];
    expect(rules.map(({ StringEquals }) => StringEquals).sort()).toEqual([...statuses].sort());
    expect(new Set(rules.map(({ Variable }) => Variable))).toEqual(new Set(['$.step.result.status']));
  });

  it('are the only ones, but for the family of a target, which is ACM’s where an earlier release has not said', () => {
    const choices = MACHINES.flatMap((machine) => ofType(machine, 'Choice').map(([name]) => name));
    expect(choices.sort()).toEqual(['Family?', 'OrderStatus?', 'PushStatus?', 'SweepStatus?']);
    const family = ofType('push', 'Choice').find(([name]) => name === 'Family?')?.[1];
    expect(family?.Default).toBe('PushTarget');
    const rules = family?.Choices as readonly { readonly And: readonly object[]; readonly Next: string }[];
    expect(rules.map(({ And, Next }) => [...And, Next])).toEqual(
      (['aws', 'export'] as const).map((name) => [
        { Variable: '$.family', IsPresent: true },
        { Variable: '$.family', StringEquals: name },
        name === 'aws' ? 'PushAws' : 'PushExport',
      ]),
    );
  });

  it('Settle needs no Choice: what is left to wait for stands in its row', () => {
    expect(ofType('settle', 'Choice')).toEqual([]);
  });
});

describe('The timeout chain', () => {
  it('is Lambda < task < machine < lease, and a claim outlives its run', () => {
    // No machine calls the custom resource of the inventory, nor the watch, which may take longer.
    const called = Object.values(definitions.functions).filter(
      ({ handler }) => handler !== 'sync-inventory' && handler !== 'watch',
    );
    const lambdas = called.map(({ timeoutSeconds }) => timeoutSeconds);
    expect(new Set(lambdas)).toEqual(new Set([TIMEOUTS.lambda]));
    for (const machine of MACHINES) {
      expect(definitions.machines[machine].definition.TimeoutSeconds).toBe(TIMEOUTS.machine);
    }
    expect(TIMEOUTS.lambda).toBeLessThan(TIMEOUTS.task);
    expect(TIMEOUTS.task).toBeLessThan(TIMEOUTS.machine);
    expect(TIMEOUTS.machine).toBeLessThan(TIMEOUTS.lease);
    expect(RUN_MS).toBeGreaterThan(TIMEOUTS.machine * 1000);
  });

  it('leaves room for all attempts of a task: 2 + 4 + 8 = 14 seconds of waiting, 374 in all', () => {
    const { intervalSeconds, backoffRate, maxAttempts } = TASK_RETRY;
    const waits = Array.from({ length: maxAttempts }, (_, attempt) => intervalSeconds * backoffRate ** attempt);
    expect(waits).toEqual([2, 4, 8]);
    const waited = waits.reduce((sum, wait) => sum + wait, 0);
    expect(waited).toBe(14);
    expect((maxAttempts + 1) * TIMEOUTS.task + waited).toBe(374);
  });

  it('tries again what is transient and no other failure class', () => {
    const retried = FAILURE_CLASSES.filter((failureClass) =>
      RETRIED_ERRORS.some((error) => error === errorNameOf(failureClass)),
    );
    expect(retried).toEqual(['transient']);
  });
});

describe('The settings of machines', () => {
  it('Standard, with fixed names and a log of errors without payloads', () => {
    const machines = Object.values(resourcesOf('AWS::StepFunctions::StateMachine')).map(
      ({ Properties }) => Properties as Json,
    );
    expect(machines.map(({ StateMachineName }) => StateMachineName).sort()).toEqual([
      'Perennial-push',
      'Perennial-renewal',
      'Perennial-settle',
      'Perennial-sweep',
    ]);
    for (const { StateMachineType, LoggingConfiguration } of machines) {
      expect(StateMachineType).toBe('STANDARD');
      expect(LoggingConfiguration).toMatchObject({ Level: 'ERROR', IncludeExecutionData: false });
    }
  });
});
