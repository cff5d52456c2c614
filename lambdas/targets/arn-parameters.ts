import { PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { awsFailure } from '../core/aws-failure.ts';
import { arnParameterName } from '../core/parameter-name.ts';
import type { ArnParameters } from '../core/ports.ts';

/**
 * ARNs as SSM parameters, so that other stacks need no access to the table. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
 *
 * @param settings.prefix What the stack's parameters begin with.
 */
export function createArnParameters(settings: { readonly client: SSMClient; readonly prefix: string }): ArnParameters {
  return {
    write: async (owner, arn) => {
      const name = arnParameterName(settings.prefix, owner);
      const command = new PutParameterCommand({ Name: name, Value: arn, Type: 'String', Overwrite: true });
      try {
        await settings.client.send(command);
      } catch (error) {
        throw awsFailure(error, `Writing ${arn} to the SSM parameter ${name}`);
      }
    },
  };
}
