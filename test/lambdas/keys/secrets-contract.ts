import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { expect } from 'vitest';
import { createSecrets } from '../../../lambdas/keys/secrets.ts';
import { contract, type Judge } from '../../support/contract.ts';

/** Who plays Secrets Manager, and what a person does there. */
export type SecretsBench = {
  readonly client: SecretsManagerClient;
  /** Makes a secret, or gives it a new value; its ARN. */
  readonly putSecret: (name: string, text: string) => Promise<string>;
  /** Schedules its deletion. */
  readonly deleteSecret: (name: string) => Promise<void>;
};

let secrets = 0;

/** What the secrets port promises, whoever plays Secrets Manager. */
export function secretsContract(judge: Judge, open: () => SecretsBench): void {
  const setUp = () => {
    const bench = open();
    secrets += 1;
    return { ...bench, name: `contract/eab-${process.pid}-${secrets}`, port: createSecrets(bench.client) };
  };

  contract('The secrets', judge, (it) => {
    it('reads a secret by its name and by its ARN', async () => {
      const { port, name, putSecret } = setUp();
      const arn = await putSecret(name, '{"keyId":"kid"}');
      expect(arn).toMatch(/^arn:aws:secretsmanager:/);
      expect(await port.read(name)).toBe('{"keyId":"kid"}');
      expect(await port.read(arn)).toBe('{"keyId":"kid"}');
    });

    it('reads the latest value', async () => {
      const { port, name, putSecret } = setUp();
      await putSecret(name, 'one');
      await putSecret(name, 'two');
      expect(await port.read(name)).toBe('two');
    });

    it('says which secret is to be created', async () => {
      const { port, name } = setUp();
      await expect(port.read(name)).rejects.toMatchObject({
        detail: {
          class: 'person',
          code: 'ResourceNotFoundException',
          message: expect.stringContaining(`Create the secret ${name}`),
        },
      });
    });

    it('says which secret is to be restored', async () => {
      const { port, name, putSecret, deleteSecret } = setUp();
      await putSecret(name, 'one');
      await deleteSecret(name);
      await expect(port.read(name)).rejects.toMatchObject({
        detail: {
          class: 'person',
          code: 'InvalidRequestException',
          message: expect.stringContaining(`Restore the secret ${name}`),
        },
      });
    });
  });
}
