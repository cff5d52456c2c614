import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { retriesWithoutDelay } from '../../../local/aws/retries.ts';
import { connectFake } from '../../../local/aws/seam.ts';
import { SsmAccount } from '../../../local/aws/ssm.ts';

function setUp() {
  const account = new SsmAccount({ accountId: '123456789012', region: 'eu-west-1' });
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new SSMClient({ region: 'eu-west-1', credentials, retryStrategy: retriesWithoutDelay(1) });
  return { account, ssm: connectFake(client, account) };
}

describe('The strict SSM', () => {
  it.each([
    ['is reserved', '/aws-stack/x/arn', 'AccessDeniedException'],
    ['is reserved whatever its case', '/SSM/x', 'AccessDeniedException'],
    ['has other characters', '/perennial/a b', 'ValidationException'],
    ['is not fully qualified', 'perennial/x', 'ValidationException'],
    [
      'has too many levels',
      `/${Array.from({ length: 16 }, () => 'x').join('/')}`,
      'HierarchyLevelLimitExceededException',
    ],
    ['is too long', `/${'x'.repeat(1000)}`, 'ValidationException'],
  ])('refuses a name that %s', async (_what, Name, name) => {
    const { account, ssm } = setUp();
    await expect(ssm.send(new PutParameterCommand({ Name, Value: 'v', Type: 'String' }))).rejects.toMatchObject({
      name,
    });
    expect(account.parameters()).toEqual({});
  });

  it('refuses a value of more than 4,096 bytes', async () => {
    const { ssm } = setUp();
    const put = new PutParameterCommand({ Name: '/x', Value: 'v'.repeat(4097), Type: 'String' });
    await expect(ssm.send(put)).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('throws on fields that it does not know', async () => {
    const { ssm } = setUp();
    await expect(ssm.send(new GetParameterCommand({ Name: '/x', WithDecryption: true }))).rejects.toThrow(
      /WithDecryption/,
    );
  });
});
