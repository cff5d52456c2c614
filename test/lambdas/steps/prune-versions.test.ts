import { LambdaClient } from '@aws-sdk/client-lambda';
import { describe, expect, it } from 'vitest';
import { createFunctionVersions } from '../../../lambdas/ports/function-versions.ts';
import { pruneVersions } from '../../../lambdas/steps/prune-versions.ts';
import { AwsFault } from '../../../local/aws/fault.ts';
import { LambdaVersionsAccount } from '../../../local/aws/lambda-versions.ts';
import { retriesWithoutDelay } from '../../../local/aws/retries.ts';
import { type Around, connectFake } from '../../../local/aws/seam.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2027, 5, 1);
const ARN = 'arn:aws-cn:lambda:cn-north-1:123456789012:function';

function bench(around?: Around) {
  const account = new LambdaVersionsAccount();
  const client = new LambdaClient({
    region: 'cn-north-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    retryStrategy: retriesWithoutDelay(),
  });
  const versions = createFunctionVersions(connectFake(client, account, around));
  for (const name of ['Find', 'Settle'])
    for (const days of [90, 80, 70, 60, 50]) account.publish(name, NOW - days * DAY);
  let now = NOW;
  const prune = (deadline = NOW + DAY) =>
    pruneVersions([`${ARN}:Find:5`, `${ARN}:Settle:5`], {
      clock: { now: () => now++, sleep: async () => undefined },
      versions,
      deadline,
    });
  return { account, prune, versions };
}

describe('Versions of earlier deployments', () => {
  it('are deleted of every function, by pages, but for the newest; the functions stay', async () => {
    const { account, prune } = bench();
    expect(await prune()).toEqual({ deleted: 4, failures: [] });
    expect(account.versions('Find')).toEqual(['3', '4', '5']);
    expect(account.versions('Settle')).toEqual(['3', '4', '5']);
  });

  it('that cannot be deleted are told and keep no others', async () => {
    const { account, prune } = bench(async (operation, input, act) => {
      if (operation === 'DeleteFunction' && input.FunctionName === 'Find') {
        throw new AwsFault('AccessDeniedException', 'not authorized to perform lambda:DeleteFunction', 403);
      }
      return act();
    });
    const { deleted, failures } = await prune();
    expect(deleted).toBe(2);
    expect(failures).toEqual([expect.stringContaining('lambda:DeleteFunction')]);
    expect(account.versions('Find')).toHaveLength(5);
  });

  it('of a function that is gone are told, and no more', async () => {
    const { account, prune, versions } = bench();
    await account.call('DeleteFunction', { FunctionName: 'Find' });
    expect((await prune()).failures).toHaveLength(1);
    expect(account.versions('Settle')).toHaveLength(3);
    await expect(versions.delete('Find', '1')).resolves.toBeUndefined();
  });

  it('are left to the next deployment when no time is left', async () => {
    const { account, prune } = bench();
    const { deleted, failures } = await prune(NOW - 1);
    expect(deleted).toBe(0);
    expect(failures).toHaveLength(2);
    expect(account.versions('Find')).toHaveLength(5);
  });

  it.each(['', '$LATEST', 'live'])(
    'are never asked for as "%s", which would delete something else',
    async (qualifier) => {
      const { account, versions } = bench();
      await expect(versions.delete('Find', qualifier)).rejects.toThrow('is no version of Find');
      expect(account.versions('Find')).toHaveLength(5);
    },
  );
});
