import { type CloudFormationClient, DescribeStacksCommand, type Stack } from '@aws-sdk/client-cloudformation';
import type { MachineName } from '../../infra/machine-names.ts';
import { MACHINE_OUTPUTS, OUTPUTS } from '../../infra/outputs.ts';
import { CliError } from '../errors.ts';
import { type Channels, channelsIn } from './channels.ts';

/** What a stack's outputs say is in the account. */
export type StackPlaces = {
  readonly name: string;
  /** CloudFormation's status of it. */
  readonly status: string;
  /** When it was deployed last, milliseconds since the epoch. */
  readonly deployedAt: number;
  readonly tableName: string;
  readonly topicArn: string;
  readonly machines: Readonly<Record<MachineName, string>>;
  /** This and what follows are absent where the stack was deployed by a version that does not say. */
  readonly scheduleName?: string;
  readonly watchTableName?: string;
  readonly watchScheduleName?: string;
  readonly channels?: Channels;
};

/** Finds a stack in one lookup. Throws {@link CliError} where there is none of that name, or it is none of ours. */
export async function findStack(client: CloudFormationClient, name: string): Promise<StackPlaces> {
  const stack = await describe(client, name);
  const outputs = new Map((stack.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  const read = (output: string): string => {
    const value = outputs.get(output);
    if (value !== undefined) return value;
    throw new CliError(
      `--stack is "${name}": it has no output ${output}, so it is not a finished stack of Perennial`,
      'Name the right one, or deploy it again with `npx cdk deploy`.',
    );
  };
  return {
    name,
    status: stack.StackStatus ?? 'UNKNOWN',
    deployedAt: (stack.LastUpdatedTime ?? stack.CreationTime)?.getTime() ?? 0,
    tableName: read(OUTPUTS.table),
    topicArn: read(OUTPUTS.topic),
    machines: {
      renewal: read(MACHINE_OUTPUTS.renewal),
      push: read(MACHINE_OUTPUTS.push),
      settle: read(MACHINE_OUTPUTS.settle),
      sweep: read(MACHINE_OUTPUTS.sweep),
    },
    ...laterPlaces((output) => outputs.get(output)),
  };
}

/** What earlier versions did not say. */
function laterPlaces(
  read: (output: string) => string | undefined,
): Pick<StackPlaces, 'scheduleName' | 'watchTableName' | 'watchScheduleName' | 'channels'> {
  const [scheduleName, watchTableName, watchScheduleName, channels] = [
    OUTPUTS.schedule,
    OUTPUTS.watchTable,
    OUTPUTS.watchSchedule,
    OUTPUTS.channels,
  ].map(read);
  return {
    ...(scheduleName !== undefined && { scheduleName }),
    ...(watchTableName !== undefined && { watchTableName }),
    ...(watchScheduleName !== undefined && { watchScheduleName }),
    ...(channels !== undefined && { channels: channelsIn(channels) }),
  };
}

async function describe(client: CloudFormationClient, name: string): Promise<Stack> {
  try {
    const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName: name }));
    if (stack !== undefined) return stack;
  } catch (error) {
    if (!(error instanceof Error && error.name === 'ValidationError' && /does not exist/.test(error.message)))
      throw error;
  }
  const region = await client.config.region();
  throw new CliError(
    `--stack is "${name}": there is no such stack in this account in ${region}`,
    'Name another by --stack, or another place by --profile and --region.',
  );
}
