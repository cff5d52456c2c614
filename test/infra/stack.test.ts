import { describe, expect, it } from 'vitest';
import { HANDLER_NAMES } from '../../infra/handlers.ts';
import { DUE_INDEX } from '../../lambdas/core/rows.ts';
import { synthesiseDefinitions } from '../../local/embedded/definitions.ts';
import { CONFIG, DECLARATION } from './fixtures.ts';
import { definitions, resourcesOf } from './template.ts';

type Json = Readonly<Record<string, unknown>>;

function only(type: string): Json {
  const [resource, ...others] = Object.values(resourcesOf(type));
  expect(others).toEqual([]);
  return resource ?? {};
}

function scheduleOf(name: string): Json {
  const found = Object.entries(resourcesOf('AWS::Scheduler::Schedule')).find(([id]) =>
    id.startsWith(`Perennial${name}`),
  );
  return found?.[1] ?? {};
}

describe('What outlives the stack', () => {
  it('is the table, protected, with point-in-time recovery', () => {
    const kept = Object.values(resourcesOf('AWS::DynamoDB::Table')).filter(
      ({ DeletionPolicy }) => DeletionPolicy === 'Retain',
    );
    expect(kept).toHaveLength(1);
    expect(kept[0]).toMatchObject({
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
      },
    });
  });

  it('is the key that sealed what the table holds, not the one of the alerts', () => {
    const keys = Object.entries(resourcesOf('AWS::KMS::Key'));
    const policies = keys.map(([id, key]) => [/SealingKey/.test(id), key.DeletionPolicy]);
    expect(policies.sort()).toEqual([
      [false, 'Delete'],
      [true, 'Retain'],
    ]);
  });

  it('is every published version that a running execution may still call', () => {
    const versions = Object.values(resourcesOf('AWS::Lambda::Version'));
    // The two custom resources are called as they are.
    expect(versions.length).toBe(HANDLER_NAMES.length - 2);
    for (const version of versions) expect(version.DeletionPolicy).toBe('Retain');
  });
});

describe('The table', () => {
  it('has the keys of rows and the due index that FindDue queries', () => {
    expect(definitions.table).toMatchObject({
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: DUE_INDEX,
          KeySchema: [
            { AttributeName: 'dueShard', KeyType: 'HASH' },
            { AttributeName: 'dueAt', KeyType: 'RANGE' },
          ],
          Projection: {
            ProjectionType: 'INCLUDE',
            NonKeyAttributes: ['kind', 'startSeq', 'tries', 'runUntil', 'endsAt', 'ca'],
          },
        },
      ],
    });
  });
});

describe('The Lambdas', () => {
  it('run on Node 24, arm64, with a log group of their own and no reserved concurrency', () => {
    const functions = Object.values(resourcesOf('AWS::Lambda::Function'));
    expect(functions).toHaveLength(HANDLER_NAMES.length);
    for (const { Properties } of functions) {
      expect(Properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        LoggingConfig: { LogGroup: expect.anything() },
      });
      expect(Properties).not.toHaveProperty('ReservedConcurrentExecutions');
    }
    for (const { Properties } of Object.values(resourcesOf('AWS::Logs::LogGroup'))) {
      expect(Properties).toMatchObject({ RetentionInDays: 90 });
    }
  });

  it('have 256 MB and a minute, but for the one that a deployment waits for and the watch', () => {
    const sizes = Object.entries(resourcesOf('AWS::Lambda::Function')).map(([id, { Properties }]) => {
      const { MemorySize, Timeout } = Properties as { readonly MemorySize: number; readonly Timeout: number };
      const [kind = 'step'] = /SyncInventory|Watch/.exec(id) ?? [];
      return `${kind} ${MemorySize} MB ${Timeout} s`;
    });
    expect(new Set(sizes)).toEqual(new Set(['step 256 MB 60 s', 'SyncInventory 1769 MB 600 s', 'Watch 1024 MB 600 s']));
  });

  it.each([
    ['find-due', ['PUSH_MACHINE_ARN', 'RENEWAL_MACHINE_ARN', 'SETTLE_MACHINE_ARN', 'TOPIC_ARN']],
    ['refresh-ari', ['TOPIC_ARN']],
    ['create-order', ['DNS_RESOLVERS', 'KEY_ARN', 'NAME_SERVERS', 'PUSH_MACHINE_ARN', 'TOPIC_ARN']],
    ['poll-order', ['DNS_RESOLVERS', 'KEY_ARN', 'NAME_SERVERS', 'PUSH_MACHINE_ARN', 'TOPIC_ARN']],
    ['finalize-order', ['DNS_RESOLVERS', 'KEY_ARN', 'NAME_SERVERS', 'PUSH_MACHINE_ARN', 'TOPIC_ARN']],
    ['record-failure', ['DNS_RESOLVERS', 'NAME_SERVERS', 'TOPIC_ARN']],
    ['push-target', ['KEY_ARN', 'PARAMETER_PREFIX', 'TOPIC_ARN']],
    ['push-aws', ['KEY_ARN', 'TOPIC_ARN']],
    ['push-export', ['KEY_ARN', 'TOPIC_ARN']],
    ['probe-target', ['TOPIC_ARN']],
    ['settle', ['DNS_RESOLVERS', 'KEY_ARN', 'NAME_SERVERS', 'TOPIC_ARN']],
    ['watch', ['STACK_NAME', 'TOPIC_ARN', 'WATCH_LIST_BUCKET', 'WATCH_LIST_KEY', 'WATCH_TABLE_NAME']],
    ['sync-inventory', ['SWEEP_MACHINE_ARN', 'WATCH_FUNCTION_ARN']],
  ] as const)('%s is told the table and %j', (handler, names) => {
    const { environment } = definitions.functions[handler];
    expect(Object.keys(environment).sort()).toEqual(
      ['NODE_OPTIONS', 'POWERTOOLS_LOG_LEVEL', 'TABLE_NAME', ...names].sort(),
    );
    expect(environment.TABLE_NAME).toBe(definitions.table.TableName);
  });

  it('are told of no name servers where none is configured', () => {
    const { functions } = synthesiseDefinitions({ ...CONFIG, dns: {} });
    expect(functions['poll-order'].environment).not.toHaveProperty('NAME_SERVERS');
    expect(functions['poll-order'].environment).not.toHaveProperty('DNS_RESOLVERS');
  });
});

describe('What starts and what is told', () => {
  it('sweeps at the check interval', () => {
    expect(scheduleOf('Schedule').Properties).toMatchObject({
      ScheduleExpression: 'rate(15 minutes)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      State: 'ENABLED',
      Target: { Input: '{"schema":1}' },
    });
  });

  it('watches every hour, by a schedule of its own', () => {
    expect(scheduleOf('WatchSchedule').Properties).toMatchObject({
      ScheduleExpression: 'rate(1 hour)',
      State: 'ENABLED',
      Target: { Arn: { Ref: expect.stringMatching(/^PerennialWatchFunctionCurrentVersion/) } },
    });
  });

  it('hands executions that failed, timed out or were aborted to RecordFailure, but not sweeps', () => {
    expect(definitions.statusRule.status).toEqual(['FAILED', 'TIMED_OUT', 'ABORTED']);
    const { renewal, push, settle } = definitions.machines;
    expect(definitions.statusRule.stateMachineArn).toEqual([renewal.arn, push.arn, settle.arn]);
    const [{ Properties } = { Properties: {} }] = Object.entries(resourcesOf('AWS::Events::Rule')).flatMap(
      ([id, rule]) => (id.includes('StatusRule') ? [rule] : []),
    );
    const targets = Reflect.get(Properties as object, 'Targets') as readonly {
      readonly Arn: { readonly Ref: string };
    }[];
    expect(targets.map(({ Arn }) => Arn.Ref)).toEqual([
      expect.stringMatching(/^PerennialRecordFailureFunctionCurrentVersion/),
    ]);
  });

  it('subscribes the configured addresses to an encrypted topic', () => {
    expect(only('AWS::SNS::Subscription').Properties).toMatchObject({
      Protocol: 'email',
      Endpoint: 'operations@shop.test',
    });
    for (const topic of Object.values(resourcesOf('AWS::SNS::Topic')))
      expect(topic.Properties).toHaveProperty('KmsMasterKeyId');
  });

  it.each([
    ['the topic', 'AWS::SNS::TopicPolicy', 'PolicyDocument', ['sns:Publish']],
    ['its key', 'AWS::KMS::Key', 'KeyPolicy', ['kms:Decrypt', 'kms:GenerateDataKey*']],
  ] as const)(
    'lets alarms and event rules of this account use %s, or their messages would be lost',
    (_, type, policy, actions) => {
      const documents = Object.entries(resourcesOf(type)).filter(([id]) => /Topic/.test(id));
      const statements = documents.flatMap(([, { Properties }]) => {
        const document: unknown = Reflect.get(Properties as object, policy);
        return Reflect.get(document as object, 'Statement') as readonly Json[];
      });
      const of = (service: string) =>
        statements.filter(({ Principal }) => JSON.stringify(Principal) === JSON.stringify({ Service: service }));
      const [alarm, ...moreAlarms] = of('cloudwatch.amazonaws.com');
      const [rule, ...moreRules] = of('events.amazonaws.com');
      expect([...moreAlarms, ...moreRules]).toEqual([]);
      expect([alarm?.Action, rule?.Action].map((found) => [found].flat())).toEqual([actions, actions]);
      expect(alarm?.Condition).toEqual({
        StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
        ArnLike: { 'aws:SourceArn': expect.anything() },
      });
      expect(rule).not.toHaveProperty('Condition');
    },
  );

  it('subscribes nobody where alerts are none', () => {
    const { resources } = synthesiseDefinitions({ ...CONFIG, alerts: { email: [], https: [], sqs: [] } });
    expect(Object.values(resources).filter(({ Type }) => Type === 'AWS::SNS::Subscription')).toEqual([]);
  });
});

describe('The inventory', () => {
  it('travels as an asset and comes after all that the first sweep needs', () => {
    const inventory = only('Custom::PerennialInventory');
    expect(inventory.Properties).toMatchObject({
      key: expect.stringMatching(/^[0-9a-f]{64}\.json$/),
      hash: expect.any(String),
      allowRetire: false,
      // Three attempts of the Lambda and the pauses between them.
      ServiceTimeout: '2100',
    });
    const awaited = inventory.DependsOn as readonly string[];
    for (const part of ['SweepMachineStateMachine', 'RenewalMachineStateMachine', 'Schedule', 'StatusRule', 'Topic']) {
      expect(awaited.some((id) => id.startsWith(`Perennial${part}`))).toBe(true);
    }
  });

  it('is updated only where a declaration has changed', () => {
    const hashWith = (name: string): unknown => {
      const { resources } = synthesiseDefinitions({ ...CONFIG, declarations: [{ ...DECLARATION, name }] });
      const found = Object.values(resources).find(({ Type }) => Type === 'Custom::PerennialInventory');
      return found?.Properties.hash;
    };
    expect(hashWith('shop')).toBe(Reflect.get(only('Custom::PerennialInventory').Properties as object, 'hash'));
    expect(hashWith('other')).not.toBe(hashWith('shop'));
  });
});

describe('The pruning of old versions', () => {
  it('comes last, and is told which versions definitions name', () => {
    const { Properties, DependsOn } = only('Custom::PerennialVersions');
    const named = Reflect.get(Properties as object, 'named') as readonly { readonly Ref: string }[];
    expect(named.map(({ Ref }) => Ref).sort()).toEqual(Object.keys(resourcesOf('AWS::Lambda::Version')).sort());
    expect(DependsOn).toEqual(expect.arrayContaining([expect.stringMatching(/^PerennialInventory/)]));
  });

  it('knows of no table', () => {
    expect(Object.keys(definitions.functions['prune-versions'].environment)).toEqual([
      'NODE_OPTIONS',
      'POWERTOOLS_LOG_LEVEL',
    ]);
  });
});

describe('The template', () => {
  it('names no partition', () => {
    const text = JSON.stringify(definitions.resources);
    expect(text).not.toContain('arn:aws:');
    const domains = text.match(/[\w.-]+\.amazonaws\.com/g) ?? [];
    expect(new Set(domains)).toEqual(
      new Set(['cloudwatch', 'lambda', 'states', 'scheduler', 'events'].map((service) => `${service}.amazonaws.com`)),
    );
  });

  it('is the same at every synth', () => {
    expect(synthesiseDefinitions(CONFIG).resources).toEqual(definitions.resources);
  });
});
