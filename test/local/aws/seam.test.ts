import { DynamoDBClient, DynamoDBServiceException, GetItemCommand } from '@aws-sdk/client-dynamodb';
import {
  GetChangeCommand,
  InvalidChangeBatch,
  ListHostedZonesCommand,
  NoSuchChange,
  Route53Client,
  Route53ServiceException,
} from '@aws-sdk/client-route-53';
import { describe, expect, it } from 'vitest';
import { AwsFault } from '../../../local/aws/fault.ts';
import { retriesWithoutDelay } from '../../../local/aws/retries.ts';
import { type Around, connectFake, type FakeAccount } from '../../../local/aws/seam.ts';

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

function account(answers: readonly (object | Error)[]) {
  const calls: { operation: string; input: object }[] = [];
  const fake: FakeAccount = {
    async call(operation, input) {
      const answer = answers[calls.length];
      calls.push({ operation, input });
      if (answer === undefined) throw new Error(`unexpected ${operation}`);
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  return { fake, calls };
}

function route53(fake: FakeAccount, around?: Around) {
  const client = new Route53Client({ region: 'us-east-1', credentials, retryStrategy: retriesWithoutDelay() });
  return connectFake(client, fake, around);
}

async function thrown(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail('nothing was thrown'),
    (error: unknown) => error,
  );
}

describe('a fake account under a real SDK client', () => {
  it('answers an operation with the input the client would serialize', async () => {
    const { fake, calls } = account([{ ChangeInfo: { Id: '/change/C1', Status: 'PENDING' } }]);
    const answer = await route53(fake).send(new GetChangeCommand({ Id: '/change/C1' }));
    expect(answer.ChangeInfo?.Status).toBe('PENDING');
    expect(answer.$metadata.httpStatusCode).toBe(200);
    expect(calls).toEqual([{ operation: 'GetChange', input: { Id: 'C1' } }]);
  });

  it('throws the modelled exception of a fault, once', async () => {
    const { fake, calls } = account([new AwsFault('NoSuchChange', 'gone', 404)]);
    const error = await thrown(route53(fake).send(new GetChangeCommand({ Id: 'C1' })));
    expect(error).toBeInstanceOf(NoSuchChange);
    expect(error).toBeInstanceOf(Route53ServiceException);
    expect(error).toMatchObject({ name: 'NoSuchChange', message: 'gone', $metadata: { httpStatusCode: 404 } });
    expect(calls).toHaveLength(1);
  });

  it('throws the base exception with the code as its name where the service does not model it', async () => {
    const { fake } = account([new AwsFault('AccessDenied', 'not authorized', 403)]);
    const error = await thrown(route53(fake).send(new GetChangeCommand({ Id: 'C1' })));
    expect(error).toBeInstanceOf(Route53ServiceException);
    expect(error).not.toBeInstanceOf(InvalidChangeBatch);
    expect(error).toMatchObject({ name: 'AccessDenied', $fault: 'client', $metadata: { httpStatusCode: 403 } });
  });

  it.each([
    new AwsFault('Throttling', 'Rate exceeded'),
    new AwsFault('PriorRequestNotComplete', 'busy'),
    new AwsFault('InternalFailure', 'oops', 500),
  ])('lets the client retry $name', async (fault) => {
    const { fake, calls } = account([fault, fault, { HostedZones: [] }]);
    const answer = await route53(fake).send(new ListHostedZonesCommand({}));
    expect(answer.$metadata.attempts).toBe(3);
    expect(calls).toHaveLength(3);
  });

  it('gives up when the attempts of the client are used up', async () => {
    const { fake, calls } = account(Array.from({ length: 9 }, () => new AwsFault('Throttling', 'Rate exceeded')));
    const error = await thrown(route53(fake).send(new ListHostedZonesCommand({})));
    expect(error).toMatchObject({ name: 'Throttling', $metadata: { attempts: 3 } });
    expect(calls).toHaveLength(3);
  });

  it('serves another protocol by the same rules', async () => {
    const client = new DynamoDBClient({ region: 'us-east-1', credentials, retryStrategy: retriesWithoutDelay(1) });
    const { fake } = account([new AwsFault('ResourceNotFoundException', 'no table')]);
    connectFake(client, fake);
    const error = await thrown(client.send(new GetItemCommand({ TableName: 't', Key: { pk: { S: 'a' } } })));
    expect(error).toBeInstanceOf(DynamoDBServiceException);
    expect(error).toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('refuses input that the client itself would refuse, before the account sees it', async () => {
    const { fake, calls } = account([{}]);
    const error = await thrown(route53(fake).send(new GetChangeCommand({ Id: undefined })));
    expect(error).toBeInstanceOf(Error);
    expect(calls).toHaveLength(0);
  });
});

describe('around', () => {
  it('can fail before anything is sent', async () => {
    const { fake, calls } = account([{}]);
    const client = route53(fake, async () => {
      throw new Error('killed before');
    });
    const error = await thrown(client.send(new ListHostedZonesCommand({})));
    expect(error).toMatchObject({ message: 'killed before' });
    expect(calls).toHaveLength(0);
  });

  it('can lose the answer after the account has acted', async () => {
    const { fake, calls } = account([{}]);
    const client = route53(fake, async (_operation, _input, act) => {
      await act();
      throw new Error('answer lost');
    });
    const error = await thrown(client.send(new ListHostedZonesCommand({})));
    expect(error).toMatchObject({ message: 'answer lost' });
    expect(calls).toHaveLength(1);
  });

  it('can leave a call unsettled for ever', async () => {
    const { fake } = account([{}]);
    const client = route53(fake, () => new Promise(() => undefined));
    const sent = client.send(new ListHostedZonesCommand({})).then(() => 'settled');
    const turns = new Promise((resolve) => setImmediate(() => setImmediate(() => resolve('still open'))));
    expect(await Promise.race([sent, turns])).toBe('still open');
  });
});
