import { execFile } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { App } from 'aws-cdk-lib';
import { afterAll, describe, expect, it } from 'vitest';
import { placeholderCode } from '../../infra/bundle/placeholder.ts';
import type { ResolvedConfig } from '../../infra/config/resolved.ts';
import { PerennialStack } from '../../infra/perennial-stack.ts';
import { addSecondWatch } from '../../infra/second-watch/add-second-watch.ts';
import { SECOND_ALARMS } from '../../infra/second-watch/second-watch-alarms.ts';
import { CONFIG } from './fixtures.ts';

type Resource = {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DependsOn?: readonly string[];
};
type Resources = Readonly<Record<string, Resource>>;

const run = promisify(execFile);
const WATCHED: ResolvedConfig = { ...CONFIG, watchRegion: 'eu-central-1' };

/** The stack of the fixtures, in a region or in none. */
function firstStack(region?: string): PerennialStack {
  const app = new App({ builtinCloudFormationValidation: false });
  return new PerennialStack(app, 'Perennial', {
    config: WATCHED,
    code: placeholderCode,
    ...(region === undefined ? {} : { env: { region } }),
  });
}

/** The template of the second stack, and the folder of the assembly that it is in. */
function synthesised(): { readonly folder: string; readonly resources: Resources } {
  const folder = mkdtempSync(join(tmpdir(), 'perennial-second-'));
  const app = new App({ outdir: folder, builtinCloudFormationValidation: false });
  const stack = new PerennialStack(app, 'Perennial', { config: WATCHED, code: placeholderCode });
  addSecondWatch(stack, WATCHED, 'us-east-1');
  return { folder, resources: app.synth().getStackByName('Perennial-second-watch').template.Resources };
}

/** What its Lambda is told. */
function environmentOf(resources: Resources): Readonly<Record<string, unknown>> {
  const told = Object.values(resources).map(({ Properties }) => Properties.Environment as { Variables?: object });
  return { ...told.find((each) => each?.Variables !== undefined)?.Variables };
}

const ofType = (resources: Resources, type: string) => Object.values(resources).filter(({ Type }) => Type === type);

describe('The stack of the second watch', () => {
  const { folder, resources } = synthesised();
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const environment = environmentOf(resources);

  it('is in the region that the configuration names, comes after the stack that it watches, and is none where it names none', () => {
    const stack = firstStack();
    const second = addSecondWatch(stack, WATCHED, 'us-east-1');
    expect([second?.stackName, second?.region]).toEqual(['Perennial-second-watch', 'eu-central-1']);
    expect(second?.dependencies).toEqual([stack]);
    expect(addSecondWatch(stack, CONFIG, 'us-east-1')).toBeUndefined();
  });

  it('refuses the region of the stack that it watches, and one that nobody knows', () => {
    expect(() => addSecondWatch(firstStack(), WATCHED, 'eu-central-1')).toThrow(
      'watchRegion is "eu-central-1": write another region than that of the stack, so that both do not fail together',
    );
    expect(() => addSecondWatch(firstStack('eu-central-1'), WATCHED, 'us-east-1')).toThrow('write another region');
    expect(() => addSecondWatch(firstStack(), WATCHED)).toThrow(
      'watchRegion is "eu-central-1": set AWS_REGION to the region of the stack',
    );
    expect(addSecondWatch(firstStack('us-west-2'), WATCHED, 'eu-central-1')).toBeDefined();
  });

  it('knows the other stack by its name, region and sweep machine', () => {
    expect(environment).toMatchObject({
      WATCHED_STACK: 'Perennial',
      WATCHED_REGION: 'us-east-1',
      SWEEPS_WITHIN_SECONDS: '7200',
      WATCHES_WITHIN_SECONDS: '10800',
    });
    expect(JSON.stringify(environment.SWEEP_MACHINE_ARN)).toContain(':states:us-east-1:');
    expect(JSON.stringify(environment.SWEEP_MACHINE_ARN)).toContain(':stateMachine:Perennial-sweep');
  });

  it('may read metrics, list who is told, write its log and be started once an hour, and nothing else', () => {
    const statements = ofType(resources, 'AWS::IAM::Policy').flatMap(({ Properties }) => {
      const { PolicyDocument } = Properties as {
        readonly PolicyDocument: { readonly Statement: readonly { readonly Action: unknown }[] };
      };
      return PolicyDocument.Statement;
    });
    expect(statements.flatMap(({ Action }) => Action).sort()).toEqual([
      'cloudwatch:GetMetricData',
      'lambda:InvokeFunction',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      'sns:ListSubscriptionsByTopic',
    ]);
    expect(ofType(resources, 'AWS::Scheduler::Schedule')).toMatchObject([
      { Properties: { ScheduleExpression: 'rate(1 hour)', State: 'ENABLED' } },
    ]);
  });

  it('tells those who are told by SNS, by a topic whose key is its own and open to alarms and rules', () => {
    const endpoints = ofType(resources, 'AWS::SNS::Subscription').map(({ Properties }) => Properties.Endpoint);
    expect(endpoints).toEqual(CONFIG.alerts.email);
    const [key] = ofType(resources, 'AWS::KMS::Key');
    for (const service of ['cloudwatch.amazonaws.com', 'events.amazonaws.com'])
      expect(JSON.stringify(key?.Properties.KeyPolicy)).toContain(service);
  });

  it('looks once before its alarms are made, so that none begins with what has not happened yet', () => {
    const alarms = Object.values(resources).filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm');
    expect(alarms).toHaveLength(SECOND_ALARMS.length);
    for (const { DependsOn } of alarms) expect(DependsOn).toEqual(['Look']);
    expect(resources.Look).toMatchObject({
      Type: 'Custom::Trigger',
      Properties: { InvocationType: 'RequestResponse' },
    });
  });

  it('has code that starts with nothing installed beside it, keeps to its size, and has the list of what is watched', async () => {
    const [found = ''] = globSync('asset.*/watch-list.json', { cwd: folder });
    const asset = dirname(join(folder, found));
    const list = JSON.parse(readFileSync(join(asset, 'watch-list.json'), 'utf8'));
    expect(list.certificates.map(({ name }: { readonly name: string }) => name)).toEqual(['shop']);
    const file = join(asset, 'index.mjs');
    expect(statSync(file).size / 1000).toBeLessThan(900);
    const script = `console.log(typeof (await import(${JSON.stringify(file)})).handler)`;
    const env = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, textOf(value)]));
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], {
      env: { AWS_REGION: 'eu-central-1', ...env },
    });
    expect(stdout.trim()).toBe('function');
  });
});

/** What is no text is a reference that CloudFormation resolves. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : 'resolved';
}
