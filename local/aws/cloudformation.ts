import { AwsFault } from './fault.ts';
import type { FakeAccount } from './seam.ts';
import { expectFields } from './strict-input.ts';

/** A stack as DescribeStacks tells it. */
export type FakeStack = {
  readonly name: string;
  readonly status: string;
  readonly createdAt: number;
  readonly outputs: Readonly<Record<string, string>>;
};

/** CloudFormation's DescribeStacks of one stack by its name. https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html */
export class CloudFormationAccount implements FakeAccount {
  readonly #stacks = new Map<string, FakeStack>();

  /** Puts a stack there, or another in its place. */
  put(stack: FakeStack): void {
    this.#stacks.set(stack.name, stack);
  }

  async call(operation: string, input: object): Promise<object> {
    if (operation !== 'DescribeStacks')
      throw new Error(`CloudFormationAccount does not know ${operation}; add it with its rules.`);
    const { StackName: name = '' } = expectFields<{ StackName?: string }>(input, ['StackName']);
    const stack = this.#stacks.get(name);
    if (stack === undefined) throw new AwsFault('ValidationError', `Stack with id ${name} does not exist`);
    const Outputs = Object.entries(stack.outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue }));
    const { status: StackStatus, createdAt } = stack;
    return { Stacks: [{ StackName: name, StackStatus, CreationTime: new Date(createdAt), Outputs }] };
  }
}
