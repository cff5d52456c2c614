import { GetParameterCommand, ParameterNotFound, type SSMClient } from '@aws-sdk/client-ssm';

/** The value of an SSM parameter; undefined where there is none. Throws the SDK's error. */
export async function readParameter(client: SSMClient, name: string): Promise<string | undefined> {
  try {
    return (await client.send(new GetParameterCommand({ Name: name }))).Parameter?.Value;
  } catch (error) {
    if (error instanceof ParameterNotFound) return undefined;
    throw error;
  }
}
