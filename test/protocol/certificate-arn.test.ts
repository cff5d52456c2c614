import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { Context } from 'aws-lambda';
import { afterEach, describe, expect, it } from 'vitest';
import type { ArnResourceEvent } from '../../lambdas/ports/arn-resource.ts';
import { answerWithArn } from '../../lambdas/ports/arn-resource.ts';
import { readParameter } from '../../lambdas/ports/read-parameter.ts';
import { connectFake } from '../../local/aws/seam.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { HOUR, MINUTE, startVirtualAccount } from '../support/virtual-account.ts';

let account: VirtualAccount;
let stop: () => void = () => undefined;
afterEach(async () => {
  stop();
  await account.close();
});

type Told = {
  readonly Status: string;
  readonly Reason?: string;
  readonly Data?: { readonly Arn?: string };
  readonly PhysicalResourceId: string;
};

/** CloudFormation, as far as a custom resource sees it: the stack that asks, and what it was told. */
async function deployConsumer(changes: object = {}) {
  account = await startVirtualAccount();
  const told: Told[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    told.push(JSON.parse(Buffer.concat(chunks).toString()));
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stop = () => server.close();
  const ResponseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const ResourceProperties = { certificate: 'site', target: 'acm', parameter: '/perennial/site/acm/arn' };
  const event = {
    RequestType: 'Create',
    ResponseURL,
    ResourceProperties,
    StackId: 's',
    RequestId: 'r',
    LogicalResourceId: 'l',
    ...changes,
  };
  const ssm = connectFake(
    new SSMClient({ region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }),
    account.ssm,
    (operation, _input, act) => account.calls.pass('ssm', operation, act),
  );
  const invocations: Promise<void>[] = [];
  const invoke = (next: ArnResourceEvent): void => {
    const context = { getRemainingTimeInMillis: () => 15 * MINUTE, logStreamName: 'log' } as Context;
    const ports = {
      clock: account.virtual.clock,
      readParameter: (name: string) => readParameter(ssm, name),
      goOn: async (following: ArnResourceEvent) => invoke(following),
    };
    invocations.push(account.virtual.outside(() => answerWithArn(next, context, ports)));
  };
  invoke(event as never);
  return { told, invocations };
}

describe('A stack that asks for the ARN of a certificate', () => {
  it('gets it as soon as the first import is through, though that takes more than one invocation', async () => {
    const { told, invocations } = await deployConsumer();
    await account.virtual.advance(40 * MINUTE);
    expect(told).toEqual([]);
    expect(invocations.length).toBeGreaterThan(2);
    await account.deploy([account.declaration('site', ['example.test'])]);
    await account.sweep();
    await account.virtual.advance(MINUTE);
    await Promise.all(invocations);
    const [held] = account.acm.certificates();
    expect(told).toMatchObject([
      { Status: 'SUCCESS', Data: { Arn: held?.arn }, PhysicalResourceId: '/perennial/site/acm/arn' },
    ]);
  });

  it('is told after 55 minutes what is missing and what to do', async () => {
    const { told, invocations } = await deployConsumer();
    await account.virtual.advance(54 * MINUTE);
    expect(told).toEqual([]);
    await account.virtual.advance(2 * MINUTE);
    await Promise.all(invocations);
    expect(told).toMatchObject([{ Status: 'FAILED' }]);
    expect(told[0]?.Reason).toMatch(
      /no SSM parameter \/perennial\/site\/acm\/arn: the certificate "site".*"acm".*alerts.*deploy this stack again/,
    );
    expect(told[0]?.Reason?.length).toBeLessThan(1000);
  });

  it('is told at once that it may not read the parameter', async () => {
    const { told, invocations } = await deployConsumer();
    account.calls.plan = async (call, act) => {
      if (call.operation !== 'GetParameter') return act();
      throw Object.assign(new Error('not authorized to perform ssm:GetParameter'), {
        name: 'AccessDeniedException',
        $metadata: { httpStatusCode: 400 },
      });
    };
    await account.virtual.advance(MINUTE);
    await Promise.all(invocations);
    expect(told).toMatchObject([
      { Status: 'FAILED', Reason: expect.stringMatching(/ssm:GetParameter.*Allow this action/) },
    ]);
  });

  it('is deleted without waiting', async () => {
    const { told, invocations } = await deployConsumer({ RequestType: 'Delete', PhysicalResourceId: '/old' });
    await Promise.all(invocations);
    await account.virtual.advance(HOUR);
    expect(told).toMatchObject([{ Status: 'SUCCESS', PhysicalResourceId: '/old' }]);
  });
});
