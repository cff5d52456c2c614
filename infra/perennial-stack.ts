import { CfnOutput, Stack, type StackProps, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { MachineName } from './machine-names.ts';
import { Perennial, type PerennialProps } from './perennial.ts';

/** The ready-made stack around {@link Perennial}. */
export class PerennialStack extends Stack {
  readonly perennial: Perennial;

  constructor(scope: Construct, id: string, props: StackProps & PerennialProps) {
    super(scope, id, { description: 'Keeps TLS certificates alive, unattended', ...props });
    this.perennial = new Perennial(this, 'Perennial', { config: props.config, code: props.code });
    Tags.of(this).add('application', 'perennial');
    new CfnOutput(this, 'TableName', { value: this.perennial.table.tableName });
    new CfnOutput(this, 'TopicArn', { value: this.perennial.topic.topicArn });
    for (const [name, machine] of Object.entries(this.perennial.machines)) {
      new CfnOutput(this, MACHINE_OUTPUTS[name as MachineName], { value: machine.stateMachineArn });
    }
  }
}

/** Output that names each machine's ARN. */
const MACHINE_OUTPUTS: Readonly<Record<MachineName, string>> = {
  renewal: 'RenewalMachineArn',
  push: 'PushMachineArn',
  settle: 'SettleMachineArn',
  sweep: 'SweepMachineArn',
};
