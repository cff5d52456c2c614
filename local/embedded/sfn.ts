import { AwsFault } from '../aws/fault.ts';
import type { FakeAccount } from '../aws/seam.ts';
import type { Definitions } from './definitions.ts';
import { ExecutionAlreadyExists, ExecutionDoesNotExist, type ExecutionRecord } from './execution.ts';
import type { Interpreter } from './interpreter.ts';

/**
 * Step Functions' API over the interpreter, as far as the steps and the CLI call it.
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
 */
export function stepFunctionsAccount(definitions: Definitions, interpreter: () => Interpreter): FakeAccount {
  return {
    call: async (operation, input) => {
      if (operation === 'StartExecution') return start(definitions, interpreter(), input);
      if (operation === 'DescribeExecution') return describe(interpreter(), String(input.executionArn));
      if (operation === 'ListExecutions') return list(interpreter(), input);
      throw new Error(`the local Step Functions does not know ${operation}; add it with its rules`);
    },
  };
}

function start(definitions: Definitions, interpreter: Interpreter, input: Readonly<Record<string, unknown>>): object {
  const machine = Object.values(definitions.machines).find(({ arn }) => arn === input.stateMachineArn);
  if (machine === undefined)
    throw new AwsFault(
      'StateMachineDoesNotExist',
      `State Machine Does Not Exist: '${String(input.stateMachineArn)}'`,
      400,
    );
  try {
    const executionArn = interpreter.start(machine.machine, String(input.name), JSON.parse(String(input.input)));
    return { executionArn, startDate: new Date(interpreter.describe(executionArn).startedAt) };
  } catch (error) {
    throw error instanceof ExecutionAlreadyExists ? new AwsFault('ExecutionAlreadyExists', error.message, 400) : error;
  }
}

function describe(interpreter: Interpreter, executionArn: string): object {
  try {
    const { machineArn, input, ...record } = interpreter.describe(executionArn);
    const { error, cause } = record;
    return { ...summaryOf({ ...record, machineArn }), input, ...(error && { error }), ...(cause && { cause }) };
  } catch (error) {
    throw error instanceof ExecutionDoesNotExist ? new AwsFault('ExecutionDoesNotExist', error.message, 400) : error;
  }
}

/** The newest first, one page. https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListExecutions.html */
function list(interpreter: Interpreter, input: Readonly<Record<string, unknown>>): object {
  const { stateMachineArn, statusFilter, maxResults = 100 } = input;
  const found = interpreter.executions
    .filter(({ machineArn }) => machineArn === stateMachineArn)
    .filter(({ status }) => statusFilter === undefined || status === statusFilter)
    .toReversed();
  return { executions: found.slice(0, Number(maxResults)).map(summaryOf) };
}

type Summarised = Pick<ExecutionRecord, 'arn' | 'machineArn' | 'name' | 'status' | 'startedAt' | 'stoppedAt'>;

function summaryOf({ arn, machineArn, name, status, startedAt, stoppedAt }: Summarised): object {
  return {
    executionArn: arn,
    stateMachineArn: machineArn,
    name,
    status,
    startDate: new Date(startedAt),
    ...(stoppedAt !== undefined && { stopDate: new Date(stoppedAt) }),
  };
}
