import {
  EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
  PutRuleCommand,
} from '@aws-sdk/client-eventbridge';
import { describe, expect, it } from 'vitest';
import { EventBridgeAccount } from '../../../local/aws/eventbridge.ts';
import { retriesWithoutDelay } from '../../../local/aws/retries.ts';
import { connectFake } from '../../../local/aws/seam.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const GOOD: PutEventsRequestEntry = { Source: 'perennial', DetailType: 'certificate.issued', Detail: '{"a":1}' };

function setUp() {
  const account = new EventBridgeAccount({ now: () => NOW });
  const client = new EventBridgeClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    retryStrategy: retriesWithoutDelay(1),
  });
  const bus = connectFake(client, account);
  const put = (...Entries: PutEventsRequestEntry[]) => bus.send(new PutEventsCommand({ Entries }));
  return { account, bus, put };
}

describe('The strict EventBridge', () => {
  it('records what it accepts, at the time of the event or its own', async () => {
    const { account, put } = setUp();
    const answer = await put(GOOD, { ...GOOD, Time: new Date(5), Resources: ['arn'] });
    expect(answer).toMatchObject({ FailedEntryCount: 0, Entries: [{ EventId: 'event-1' }, { EventId: 'event-2' }] });
    const common = { source: 'perennial', detailType: 'certificate.issued', detail: { a: 1 } };
    expect(account.events()).toEqual([
      { ...common, id: 'event-1', resources: [], time: NOW },
      { ...common, id: 'event-2', resources: ['arn'], time: 5 },
    ]);
  });

  it.each([
    ['no source', { Source: undefined }, 'InvalidArgument'],
    ['no detail type', { DetailType: undefined }, 'InvalidArgument'],
    ['a detail type of 129 characters', { DetailType: 'x'.repeat(129) }, 'InvalidArgument'],
    ['a source of AWS', { Source: 'aws.states' }, 'NotAuthorizedForSourceException'],
    ['no detail', { Detail: undefined }, 'MalformedDetail'],
    ['a detail that is no JSON', { Detail: '{' }, 'MalformedDetail'],
    ['a detail that is no object', { Detail: '[1]' }, 'MalformedDetail'],
  ])('refuses an entry with %s, and only that one', async (_what, wrong, ErrorCode) => {
    const { account, put } = setUp();
    const answer = await put({ ...GOOD, ...wrong }, GOOD);
    expect(answer.FailedEntryCount).toBe(1);
    expect(answer.Entries).toEqual([expect.objectContaining({ ErrorCode }), { EventId: 'event-1' }]);
    expect(account.events()).toHaveLength(1);
  });

  it('refuses a request without entries, with 11, or with one of 256 KiB', async () => {
    const { account, put } = setUp();
    const large = { ...GOOD, Detail: JSON.stringify({ a: 'x'.repeat(262_144) }) };
    for (const entries of [[], Array.from({ length: 11 }, () => GOOD), [GOOD, large]]) {
      await expect(put(...entries)).rejects.toEqual(expect.objectContaining({ name: 'ValidationException' }));
    }
    expect(account.events()).toEqual([]);
  });

  it('throws on operations, fields and buses that it does not know', async () => {
    const { bus, put } = setUp();
    await expect(bus.send(new PutRuleCommand({ Name: 'x' }))).rejects.toThrow(/PutRule/);
    await expect(put({ ...GOOD, TraceHeader: 'x' })).rejects.toThrow(/TraceHeader/);
    await expect(put({ ...GOOD, EventBusName: 'mine' })).rejects.toThrow(/mine/);
  });
});
