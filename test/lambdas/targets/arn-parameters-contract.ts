import { GetParameterCommand, PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { expect } from 'vitest';
import { createArnParameters } from '../../../lambdas/targets/arn-parameters.ts';
import { contract, type Judge } from '../../support/contract.ts';

let prefixes = 0;

/** What the ARN parameters promise, and what they rely on, whoever plays Parameter Store. */
export function arnParametersContract(judge: Judge, open: () => SSMClient): void {
  const setUp = () => {
    prefixes += 1;
    const client = open();
    const prefix = `/contract-${process.pid}-${prefixes}`;
    const read = async (name: string) =>
      (await client.send(new GetParameterCommand({ Name: `${prefix}/${name}` }))).Parameter?.Value;
    return { client, prefix, read, parameters: createArnParameters({ client, prefix }) };
  };

  contract('The ARN parameters', judge, (it) => {
    it('has a parameter once it was written, and its latest value', async () => {
      const { read, parameters } = setUp();
      await expect(read('site/acm/arn')).rejects.toMatchObject({ name: 'ParameterNotFound' });
      await parameters.write({ certificate: 'site', target: 'acm' }, 'arn:one');
      expect(await read('site/acm/arn')).toBe('arn:one');
      await parameters.write({ certificate: 'site', target: 'acm' }, 'arn:two');
      expect(await read('site/acm/arn')).toBe('arn:two');
    });

    it('keeps the parameters of two targets apart', async () => {
      const { read, parameters } = setUp();
      await parameters.write({ certificate: 'site', target: 'acm' }, 'arn:one');
      await parameters.write({ certificate: 'site', target: 'cdn' }, 'arn:two');
      expect(await read('site/acm/arn')).toBe('arn:one');
      expect(await read('site/cdn/arn')).toBe('arn:two');
    });

    it('overwrites nothing unasked', async () => {
      const { client, prefix } = setUp();
      const put = () => client.send(new PutParameterCommand({ Name: `${prefix}/once`, Value: 'v', Type: 'String' }));
      await put();
      await expect(put()).rejects.toMatchObject({ name: 'ParameterAlreadyExists' });
    });

    it('says which name Parameter Store reserves for itself', async () => {
      const { client } = setUp();
      const parameters = createArnParameters({ client, prefix: '/aws-contract' });
      await expect(parameters.write({ certificate: 'site', target: 'acm' }, 'arn:one')).rejects.toMatchObject({
        detail: {
          class: 'person',
          code: 'AccessDeniedException',
          message: expect.stringContaining('/aws-contract/site/acm/arn'),
        },
      });
    });

    it('refuses a value of more than 4,096 bytes', async () => {
      const { parameters } = setUp();
      const refused = parameters.write({ certificate: 'site', target: 'acm' }, 'v'.repeat(4097));
      await expect(refused).rejects.toMatchObject({ detail: { class: 'person', code: 'ValidationException' } });
    });
  });
}
