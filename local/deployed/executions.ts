import {
  DescribeExecutionCommand,
  type ExecutionListItem,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  ListExecutionsCommand,
  type SFNClient,
} from '@aws-sdk/client-sfn';

export const MACHINES = ['sweep', 'renewal', 'push', 'settle'] as const;
export type Machine = (typeof MACHINES)[number];

/** ARNs of a stack's machines, from its outputs. @throws Error naming the output that is missing */
export function machinesIn(outputs: Readonly<Record<string, string>>): Record<Machine, string> {
  const arn = (name: string): string => {
    const found = outputs[name];
    if (found === undefined) throw new Error(`the stack has no output ${name}`);
    return found;
  };
  return {
    sweep: arn('SweepMachineArn'),
    renewal: arn('RenewalMachineArn'),
    push: arn('PushMachineArn'),
    settle: arn('SettleMachineArn'),
  };
}

/** An execution that has ended. */
export interface EndedExecution {
  readonly machine: Machine;
  readonly arn: string;
  readonly name: string;
  readonly status: string;
  /** States entered and retries: what Step Functions charges for. */
  readonly transitions: number;
  /** Why it failed, in the words of the first error. */
  readonly failure?: string;
}

/** Looks at the executions of the deployed machines. */
export class ExecutionWatch {
  readonly #client: SFNClient;
  readonly #arns: Readonly<Record<Machine, string>>;
  readonly #ended = new Map<string, EndedExecution>();
  #running = 0;

  constructor(client: SFNClient, arns: Readonly<Record<Machine, string>>) {
    this.#client = client;
    this.#arns = arns;
  }

  /** All that have ended, in the order in which they were seen to. */
  get ended(): readonly EndedExecution[] {
    return [...this.#ended.values()];
  }

  /** How many ran at the last look. */
  get running(): number {
    return this.#running;
  }

  /** Looks again. @returns those that have ended since */
  async look(): Promise<readonly EndedExecution[]> {
    const lists = await Promise.all(MACHINES.map(async (machine) => ({ machine, items: await this.#list(machine) })));
    const all = lists.flatMap(({ machine, items }) => items.map((item) => ({ machine, item })));
    this.#running = all.filter(({ item }) => item.status === 'RUNNING').length;
    const news = all.filter(({ item }) => item.status !== 'RUNNING' && !this.#ended.has(item.executionArn ?? ''));
    const ended = await Promise.all(news.map(({ machine, item }) => this.#read(machine, item)));
    for (const execution of ended) this.#ended.set(execution.arn, execution);
    return ended;
  }

  async #list(machine: Machine): Promise<readonly ExecutionListItem[]> {
    const { executions = [] } = await this.#client.send(
      new ListExecutionsCommand({ stateMachineArn: this.#arns[machine] }),
    );
    return executions.reverse();
  }

  async #read(machine: Machine, item: ExecutionListItem): Promise<EndedExecution> {
    const { executionArn } = item;
    const [described, history] = await Promise.all([
      this.#client.send(new DescribeExecutionCommand({ executionArn })),
      this.#client.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1_000 })),
    ]);
    const common = { machine, arn: executionArn ?? '', name: item.name ?? '', status: item.status ?? '' };
    const ended = { ...common, transitions: transitionsIn(history.events ?? []) };
    if (item.status === 'SUCCEEDED') return ended;
    return { ...ended, failure: `${described.error}: ${messageOf(described.cause ?? '')}` };
  }
}

/** A task that was scheduled more often than its state was entered was tried again. */
function transitionsIn(events: readonly HistoryEvent[]): number {
  const count = (matches: (type: string) => boolean) => events.filter(({ type = '' }) => matches(type)).length;
  const entered = count((type) => type.endsWith('StateEntered'));
  const retries = count((type) => type === 'TaskScheduled') - count((type) => type === 'TaskStateEntered');
  return entered + retries;
}

/** A Lambda's error comes as JSON. */
function messageOf(cause: string): string {
  try {
    const { errorMessage } = JSON.parse(cause);
    return String(errorMessage).split('\n')[0] ?? cause;
  } catch {
    return cause;
  }
}
