import { GetParameterCommand, PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { createArnParameters } from '../../../lambdas/targets/arn-parameters.ts';

/** What the program relies on of Parameter Store, on whatever speaks its protocol. */
export function ssmContract(name: string, open: () => SSMClient): void {
  describe(`Parameter Store on ${name}`, () => {
    const prefix = `/contract-${process.pid}-${Math.round(performance.now())}`;

    it('has a parameter once it was written, and its latest value', async () => {
      const client = open();
      const read = async () =>
        (await client.send(new GetParameterCommand({ Name: `${prefix}/site/acm/arn` }))).Parameter?.Value;
      await expect(read()).rejects.toMatchObject({ name: 'ParameterNotFound' });
      const parameters = createArnParameters({ client, prefix });
      await parameters.write({ certificate: 'site', target: 'acm' }, 'arn:one');
      expect(await read()).toBe('arn:one');
      await parameters.write({ certificate: 'site', target: 'acm' }, 'arn:two');
      expect(await read()).toBe('arn:two');
    });

    it('overwrites nothing unasked', async () => {
      const client = open();
      const put = () => client.send(new PutParameterCommand({ Name: `${prefix}/once`, Value: 'v', Type: 'String' }));
      await put();
      await expect(put()).rejects.toMatchObject({ name: 'ParameterAlreadyExists' });
    });
  });
}
