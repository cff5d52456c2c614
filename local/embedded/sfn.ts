import { AwsFault } from '../aws/fault.ts';
import type { FakeAccount } from '../aws/seam.ts';
import type { Definitions } from './definitions.ts';
import { ExecutionAlreadyExists, ExecutionDoesNotExist } from './execution.ts';
import type { Interpreter } from './interpreter.ts';

/**
 * Step Functions' API over the interpreter, as far as the steps call it.
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
 */
export function stepFunctionsAccount(definitions: Definitions, interpreter: () => Interpreter): FakeAccount {
  return {
    call: async (operation, input) => {
      if (operation === 'StartExecution') return start(definitions, interpreter(), input);
      if (operation === 'DescribeExecution') return describe(interpreter(), String(input.executionArn));
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
    const { status, machineArn, input } = interpreter.describe(executionArn);
    return { executionArn, stateMachineArn: machineArn, status, input };
  } catch (error) {
    throw error instanceof ExecutionDoesNotExist ? new AwsFault('ExecutionDoesNotExist', error.message, 400) : error;
  }
}
