import { CloudWatchClient, DescribeAlarmsCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SECOND_ALARMS } from '../../infra/second-watch/second-watch-alarms.ts';
import { METRIC_NAMESPACE } from '../../lambdas/core/metric-names.ts';
import { findPython } from '../../local/peers/python.ts';
import type { DeployedStack } from './support/deployed-stack.ts';
import { type DeployedWorld, startWorld } from './support/deployed-world.ts';

const MINUTES = 60_000;
const ELSEWHERE = 'eu-central-1';

describe.runIf((await findPython()) !== undefined)('a second watch that is deployed into another region', () => {
  let world: DeployedWorld;
  let stack: DeployedStack;

  beforeAll(async () => {
    world = await startWorld();
    const { accountId, region } = world.ground.ministack;
    const person = world.person('Guarded');
    await person.types(`npx cdk bootstrap aws://${accountId}/${region} aws://${accountId}/${ELSEWHERE}`);
    const certificates = [world.certificate('site', 'www.garden.test')];
    stack = await world.deploy('Guarded', { certificates, watchRegion: ELSEWHERE });
    await stack.proven('site');
  }, 10 * MINUTES);

  afterAll(() => world?.stop(), MINUTES);

  /** What one look of it answers. */
  async function look(): Promise<unknown> {
    const lambda = new LambdaClient({ ...world.ground.ministack.client, region: ELSEWHERE });
    const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
    const found = Functions.find(({ Environment }) => Environment?.Variables?.WATCHED_STACK === 'Guarded');
    const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: found?.FunctionName }));
    return JSON.parse(Buffer.from(Payload ?? []).toString('utf8'));
  }

  /** The account counts neither executions nor what a log line says of metrics. */
  async function beat(): Promise<void> {
    const cloudWatch = new CloudWatchClient(world.ground.ministack.client);
    const beats = [
      ['AWS/States', 'ExecutionsSucceeded', 'StateMachineArn', stack.machines.sweep],
      [METRIC_NAMESPACE, 'WatchCompleted', 'service', 'Guarded'],
    ] as const;
    for (const [Namespace, MetricName, Name, Value] of beats) {
      const datum = { MetricName, Dimensions: [{ Name, Value }], Value: 1 };
      await cloudWatch.send(new PutMetricDataCommand({ Namespace, MetricData: [datum] }));
    }
  }

  it(
    'finds no sign of life of a stack of which CloudWatch has none, sees what is served, and is allowed all that it does',
    async () => {
      expect(await look()).toEqual({ status: 'trouble', sweeps: false, watches: false, ending: 0, wrong: 0 });
      await beat();
      expect(await look()).toEqual({ status: 'fine', sweeps: true, watches: true, ending: 0, wrong: 0 });
      expect(world.ground.ministack.refusals()).toEqual([]);
    },
    2 * MINUTES,
  );

  it('has its alarms in that region', async () => {
    const cloudWatch = new CloudWatchClient({ ...world.ground.ministack.client, region: ELSEWHERE });
    const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({}));
    const names = MetricAlarms.map(({ AlarmName = '' }) => AlarmName.replace('Guarded-second-watch-', ''));
    expect(names.sort()).toEqual(SECOND_ALARMS.map(({ name }) => name).sort());
  });
});
