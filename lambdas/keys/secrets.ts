import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { awsErrorFacts, awsFailure } from '../core/aws-failure.ts';
import type { Secrets } from '../core/ports.ts';

/**
 * Secrets of AWS Secrets Manager in the client's region.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
 */
export function createSecrets(client: SecretsManagerClient): Secrets {
  return {
    read: async (name) => {
      try {
        const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: name }));
        return SecretString ?? '';
      } catch (error) {
        throw awsFailure(error, `Reading the secret ${name}`, remedyFor(awsErrorFacts(error).name, name));
      }
    },
  };
}

function remedyFor(error: string, name: string): string | undefined {
  if (error === 'InvalidRequestException')
    return `Restore the secret ${name}, or name another one in the configuration.`;
  if (error === 'ResourceNotFoundException') return `Create the secret ${name} in the stack's account and region.`;
  if (error === 'DecryptionFailure' || error.startsWith('AccessDenied')) {
    return `Deploy again if the configuration names ${name} since the last deployment; a KMS key of its own must allow kms:Decrypt to the role.`;
  }
  return undefined;
}
