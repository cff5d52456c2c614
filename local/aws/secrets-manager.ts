import type { GetSecretValueRequest, GetSecretValueResponse } from '@aws-sdk/client-secrets-manager';
import { AwsFault } from './fault.ts';
import { uuidOf } from './resource-id.ts';
import type { FakeAccount } from './seam.ts';
import { expectFields } from './strict-input.ts';

export type SecretsManagerAccountOptions = { readonly accountId: string; readonly region: string };

type Secret = { readonly arn: string; readonly text: string; readonly isDeleted: boolean };

/**
 * AWS Secrets Manager in one account and region: GetSecretValue of the current version of a text secret.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
 */
export class SecretsManagerAccount implements FakeAccount {
  readonly #options: SecretsManagerAccountOptions;
  readonly #secrets = new Map<string, Secret>();

  constructor(options: SecretsManagerAccountOptions) {
    this.#options = options;
  }

  /** Makes a secret, or gives it a new current value; its ARN, which ends in six characters that AWS chooses. */
  putSecret(name: string, text: string): string {
    const { accountId, region } = this.#options;
    const arn = `arn:aws:secretsmanager:${region}:${accountId}:secret:${name}-${uuidOf(name).slice(0, 6)}`;
    this.#secrets.set(name, { arn, text, isDeleted: false });
    return arn;
  }

  /** Schedules the deletion of a secret: it is still there, but can no longer be read. */
  deleteSecret(name: string): void {
    const secret = this.#secrets.get(name);
    if (secret !== undefined) this.#secrets.set(name, { ...secret, isDeleted: true });
  }

  /** Answers one operation of the API. `input` is the SDK's input, the answer its output without metadata. */
  async call(operation: string, input: object): Promise<object> {
    if (operation !== 'GetSecretValue') {
      throw new Error(`SecretsManagerAccount does not know ${operation}; add it with its rules.`);
    }
    return this.#getSecretValue(expectFields(input, ['SecretId']));
  }

  #getSecretValue({ SecretId = '' }: GetSecretValueRequest): GetSecretValueResponse {
    const found = [...this.#secrets].find(([name, { arn }]) => SecretId === name || SecretId === arn);
    if (found === undefined) {
      throw new AwsFault('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    }
    const [Name, { arn, text, isDeleted }] = found;
    if (isDeleted) {
      throw new AwsFault(
        'InvalidRequestException',
        "You can't perform this operation on the secret because it was marked for deletion.",
      );
    }
    return { ARN: arn, Name, SecretString: text, VersionStages: ['AWSCURRENT'] };
  }
}
