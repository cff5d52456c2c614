import { readdirSync, readFileSync } from 'node:fs';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, describe, expect, it } from 'vitest';
import { createOrder } from '../../lambdas/steps/create-order.ts';
import { finalizeOrder } from '../../lambdas/steps/finalize-order.ts';
import { findDue } from '../../lambdas/steps/find-due.ts';
import { pollOrder } from '../../lambdas/steps/poll-order.ts';
import { probeTarget } from '../../lambdas/steps/probe-target.ts';
import { pushTarget } from '../../lambdas/steps/push-target.ts';
import { recordFailure } from '../../lambdas/steps/record-failure.ts';
import { refreshAri } from '../../lambdas/steps/refresh-ari.ts';
import { settle } from '../../lambdas/steps/settle.ts';
import type { Item } from '../../lambdas/store/table.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { DAY, HOUR, startVirtualAccount } from '../support/virtual-account.ts';

let account: VirtualAccount;
afterEach(() => account.close());

const FOLDER = new URL('../fixtures/', import.meta.url);
const RELEASES = readdirSync(FOLDER).filter((name) => name.startsWith('schema-'));
const DOMAINS = ['example.test'];

const recorded = (release: string, what: string): unknown =>
  JSON.parse(readFileSync(new URL(`${release}/${what}.json`, FOLDER), 'utf8'));
const dated = <Ports>(ports: Ports) => ({ ...ports, deadline: account.virtual.clock.now() + 60_000 });

/** An account whose table an earlier release has left like this, and the first deployment of today's. */
async function startWith(release: string, what: string): Promise<void> {
  account = await startVirtualAccount();
  const { client, name } = account.ports.base.table;
  for (const row of recorded(release, what) as readonly Item[])
    await client.send(new PutCommand({ TableName: name, Item: row }));
  await account.deploy([account.declaration('site', DOMAINS)]);
}

/** Any step, with the payload of any. */
const STEPS: Readonly<Record<string, (event: never) => Promise<unknown>>> = {
  'create-order': (event) => createOrder(event, dated(account.ports.order)),
  'poll-order': (event) => pollOrder(event, dated(account.ports.order)),
  'finalize-order': (event) => finalizeOrder(event, dated(account.ports.order)),
  'push-target': (event) => pushTarget(event, dated(account.ports.push)),
  'probe-target': (event) => probeTarget(event, dated(account.ports.probe)),
  settle: (event) => settle(event, dated(account.ports.order)),
  'find-due': (event) => findDue(event, dated(account.ports.base)),
};

describe.each(RELEASES)('What the release with %s has left', (release) => {
  it('is read by today’s steps: what was served is renewed with the account and the key that were sealed then [L31]', async () => {
    await startWith(release, 'served');
    const { renewAt = 0, version } = await account.role('site');
    expect(version).toBeDefined();
    await account.live(HOUR);
    await account.virtual.advance(Math.max(0, renewAt - account.virtual.clock.now()));
    await account.live(2 * DAY, HOUR);
    const role = await account.role('site');
    expect(role.version).not.toBe(version);
    expect((await account.targets('site'))[0]).toMatchObject({ proven: role.version });
    expect(account.sns.messages().filter(({ subject }) => subject?.includes('cannot be read'))).toEqual([]);
  });

  it('ends well where an order was in flight, though its CA knows nothing of it any more [L31]', async () => {
    await startWith(release, 'in-flight');
    expect((await account.slot(DOMAINS))?.order).toMatchObject({ certificate: 'site' });
    await account.live(2 * DAY, HOUR);
    const { version } = await account.role('site');
    expect(version).toBeDefined();
    expect((await account.targets('site'))[0]).toMatchObject({ proven: version });
  });

  it('as payloads is taken by today’s steps', async () => {
    await startWith(release, 'served');
    const payloads = Object.entries(recorded(release, 'payloads') as Readonly<Record<string, never>>);
    expect(payloads.length).toBeGreaterThan(0);
    for (const [step, payload] of payloads) {
      const answer = await STEPS[step]?.(payload);
      expect(answer).toMatchObject({
        status: expect.stringMatching(/^(done|superseded)$/),
        rounds: expect.any(Number),
      });
    }
  });
});

describe('A payload of a later release', () => {
  const input = { schema: 2, pk: 'CERT#site', sk: 'ROLE#current', startSeq: 1 };
  const event = { execution: 'arn:aws:states:us-east-1:123456789012:execution:Perennial-renewal:x', input } as never;

  it.each(Object.keys(STEPS))('is refused by %s before it does anything [L31]', async (step) => {
    account = await startVirtualAccount();
    account.calls.plan = () => Promise.reject(new Error('called'));
    await expect(STEPS[step]?.(event)).rejects.toThrow(
      /payload has schema 2, and this version reads 1\. Deploy the later/,
    );
  });

  it('is refused by refresh-ari before it does anything', async () => {
    account = await startVirtualAccount();
    await expect(refreshAri(event, dated(account.ports.ari))).rejects.toThrow(/payload has schema 2/);
  });

  it('has its failure recorded all the same, so that the row is tried again and people are told', async () => {
    account = await startVirtualAccount();
    await account.deploy([account.declaration('site', DOMAINS)]);
    const { startSeq } = await account.role('site');
    const failure = { Error: 'BugFailure', Cause: 'its payload has schema 2' };
    const failed = { execution: 'arn:x', input: { ...(input as object), startSeq, failure } } as never;
    expect(await recordFailure(failed, dated(account.ports.failure))).toEqual({ status: 'recorded' });
    expect(account.sns.messages()).toHaveLength(1);
  });
});
