import { CfnElement, CfnOutput, Stack, type StackProps, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { channelsOutput } from './channels.ts';
import { pascalCase } from './handlers.ts';
import type { MachineName } from './machine-names.ts';
import { MACHINE_OUTPUTS, OUTPUTS } from './outputs.ts';
import { Perennial, type PerennialProps } from './perennial.ts';

/** The ready-made stack around {@link Perennial}. */
export class PerennialStack extends Stack {
  readonly perennial: Perennial;

  constructor(scope: Construct, id: string, props: StackProps & PerennialProps) {
    super(scope, id, { description: 'Keeps TLS certificates alive, unattended', ...props });
    this.perennial = new Perennial(this, 'Perennial', { config: props.config, code: props.code });
    Tags.of(this).add('application', 'perennial');
    new CfnOutput(this, OUTPUTS.table, { value: this.perennial.table.tableName });
    new CfnOutput(this, 'Retained', { value: this.#retained() });
    new CfnOutput(this, OUTPUTS.topic, { value: this.perennial.topic.topicArn });
    new CfnOutput(this, OUTPUTS.schedule, { value: this.perennial.schedule.scheduleName });
    new CfnOutput(this, OUTPUTS.watchTable, { value: this.perennial.watchTable.tableName });
    new CfnOutput(this, OUTPUTS.watchSchedule, { value: this.perennial.watchSchedule.scheduleName });
    new CfnOutput(this, OUTPUTS.channels, { value: channelsOutput(this, this.perennial.channels) });
    for (const { declaration, topic } of this.perennial.channels)
      if (topic) new CfnOutput(this, `Channel${pascalCase(declaration.name)}TopicArn`, { value: topic.topicArn });
    for (const [name, machine] of Object.entries(this.perennial.machines)) {
      new CfnOutput(this, MACHINE_OUTPUTS[name as MachineName], { value: machine.stateMachineArn });
    }
  }

  /**
   * What outlives the stack, as `cdk import` takes it to adopt it again.
   * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resource-import.html
   */
  #retained(): string {
    const { table, sealingKey } = this.perennial;
    return this.toJsonString({
      [this.#logicalIdOf(table)]: { TableName: table.tableName },
      [this.#logicalIdOf(sealingKey)]: { KeyId: sealingKey.keyId },
    });
  }

  #logicalIdOf(construct: Construct): string {
    const resource = construct.node.defaultChild;
    if (!CfnElement.isCfnElement(resource)) throw new Error(`${construct.node.path} is no resource`);
    return this.getLogicalId(resource);
  }
}
