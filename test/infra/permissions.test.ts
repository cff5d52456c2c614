import { describe, expect, it } from 'vitest';
import { HANDLER_NAMES, type HandlerName, pascalCase } from '../../infra/handlers.ts';
import { type Definitions, synthesiseDefinitions } from '../../local/embedded/definitions.ts';
import { CONFIG, DECLARATION } from './fixtures.ts';
import { definitions, resourcesOf, type Statement, statementsOf } from './template.ts';

const STATES = 'arn:aws:states:us-east-1:123456789012';
const TABLE = `arn:aws:dynamodb:us-east-1:123456789012:table/${definitions.table.TableName}`;

const [WATCH_TABLE_ID] = Object.keys(resourcesOf('AWS::DynamoDB::Table')).filter((id) => id.includes('WatchTable'));
const WATCH_TABLE = `arn:aws:dynamodb:us-east-1:123456789012:table/${WATCH_TABLE_ID}`;

const ITEM = {
  get: 'dynamodb:GetItem',
  put: 'dynamodb:PutItem',
  query: 'dynamodb:Query',
  scan: 'dynamodb:Scan',
  update: 'dynamodb:UpdateItem',
} as const;
const LOGS = ['logs:CreateLogStream', 'logs:PutLogEvents'];
const PUBLISH = ['events:PutEvents', 'kms:Decrypt topic', 'kms:GenerateDataKey* topic', 'sns:Publish'];
const STORE = [ITEM.get, ITEM.put, ITEM.query, ITEM.update];
const CHANGE = ['route53:ChangeResourceRecordSets', 'route53:ListResourceRecordSets'];
const LOCATE = ['route53:GetHostedZone', 'route53:ListHostedZonesByName'];
const START = 'states:StartExecution';
const DESCRIBE = 'states:DescribeExecution';

/** Every action of every Lambda; a statement more or less turns a row red. */
const ALLOWED: Readonly<Record<HandlerName, readonly string[]>> = {
  'find-due': [...LOGS, ITEM.get, ITEM.update, `${ITEM.query} index`, START, ...PUBLISH],
  'refresh-ari': [...LOGS, ITEM.get, ITEM.update, `${ITEM.query} index`, ...PUBLISH],
  'create-order': [...LOGS, ...STORE, ...CHANGE, ...LOCATE, 'kms:Encrypt', 'kms:Decrypt', START, DESCRIBE, ...PUBLISH],
  'poll-order': [
    ...LOGS,
    ...STORE,
    ...CHANGE,
    ...LOCATE,
    'route53:GetChange',
    'kms:Decrypt',
    START,
    DESCRIBE,
    ...PUBLISH,
  ],
  'finalize-order': [
    ...LOGS,
    ...STORE,
    ...CHANGE,
    ...LOCATE,
    'kms:Encrypt',
    'kms:Decrypt',
    START,
    DESCRIBE,
    ...PUBLISH,
  ],
  'record-failure': [...LOGS, ITEM.get, ITEM.update, ITEM.query, ...CHANGE, DESCRIBE, ...PUBLISH],
  'push-aws': [...LOGS, ITEM.get, ITEM.update, 'kms:Decrypt', ...PUBLISH],
  'push-export': [...LOGS, ITEM.get, ITEM.update, 'kms:Decrypt', ...PUBLISH],
  'push-target': [
    ...LOGS,
    ITEM.get,
    ITEM.update,
    ITEM.query,
    'kms:Decrypt',
    'acm:DeleteCertificate',
    'acm:AddTagsToCertificate',
    'acm:DescribeCertificate',
    'acm:GetCertificate',
    'acm:ImportCertificate',
    'acm:ListCertificates',
    'acm:ListTagsForCertificate',
    'ssm:PutParameter',
    ...PUBLISH,
  ],
  'probe-target': [...LOGS, ITEM.get, ITEM.update, ...PUBLISH],
  'deliver-alert': [
    ...LOGS,
    'sqs:ChangeMessageVisibility',
    'sqs:DeleteMessage',
    'sqs:GetQueueAttributes',
    'sqs:ReceiveMessage',
    'sqs:SendMessage',
    'secretsmanager:GetSecretValue',
    'sns:Publish',
    'kms:Decrypt topic',
    'kms:GenerateDataKey* topic',
  ],
  settle: [...LOGS, ...STORE, ...CHANGE, 'kms:Decrypt', DESCRIBE, ...PUBLISH],
  'sync-inventory': [...LOGS, ...STORE, ITEM.scan, START, 's3:GetObject', 'lambda:InvokeFunction'],
  watch: [
    ...LOGS,
    `${ITEM.query} index`,
    ...[ITEM.get, ITEM.query, ITEM.update].map((action) => `${action} watch table`),
    'sns:ListSubscriptionsByTopic',
    's3:GetObject',
    ...PUBLISH,
  ],
  'prune-versions': [...LOGS, 'lambda:ListVersionsByFunction', 'lambda:DeleteFunction'],
};

function roleOf(handler: HandlerName): string {
  return `Perennial${pascalCase(handler)}Role`;
}

/** Actions, with a word for the resource where an action is granted on two kinds of them. */
function actionsOf(statements: readonly Statement[]): readonly string[] {
  return statements.flatMap(({ Action, Resource }) =>
    Action.map((action) => {
      if (action.startsWith('kms:') && Resource.some((arn) => arn.includes('TopicKey'))) return `${action} topic`;
      if (action.startsWith('dynamodb:') && Resource.includes(WATCH_TABLE)) return `${action} watch table`;
      return Resource.some((arn) => arn.includes('/index/')) ? `${action} index` : action;
    }),
  );
}

function resourcesFor(handler: HandlerName, action: string): readonly string[] {
  return statementsOf(roleOf(handler)).flatMap(({ Action, Resource }) => (Action.includes(action) ? Resource : []));
}

describe('The permissions of the Lambdas', () => {
  it.each(HANDLER_NAMES)('%s may do exactly what its step calls', (handler) => {
    const statements = statementsOf(roleOf(handler));
    expect([...actionsOf(statements)].sort()).toEqual([...ALLOWED[handler]].sort());
    expect(statements.every(({ Effect }) => Effect === 'Allow')).toBe(true);
  });

  it.each(HANDLER_NAMES)(
    '%s reaches one table, the watch its own beside it, and everything only where AWS knows no resource',
    (handler) => {
      for (const { Action, Resource } of statementsOf(roleOf(handler))) {
        if (Resource.includes('*'))
          expect(['route53:ListHostedZonesByName', 'acm:ListCertificates']).toEqual(
            expect.arrayContaining([...Action]),
          );
        const isTable = Action.some((action) => action.startsWith('dynamodb:'));
        const tables = [TABLE, `${TABLE}/index/due-index`, ...(handler === 'watch' ? [WATCH_TABLE] : [])];
        if (isTable) expect(tables).toEqual(expect.arrayContaining([...Resource]));
      }
    },
  );

  it.each([
    ['find-due', ['renewal', 'push', 'settle']],
    ['create-order', ['push']],
    ['poll-order', ['push']],
    ['finalize-order', ['push']],
    ['sync-inventory', ['sweep']],
  ] as const)('%s starts only %j', (handler, machines) => {
    const arns = machines.map((machine) => `${STATES}:stateMachine:Perennial-${machine}`);
    expect([...resourcesFor(handler, START)].sort()).toEqual([...arns].sort());
  });

  it.each([
    ['create-order', ['renewal', 'settle']],
    ['settle', ['renewal', 'settle']],
    ['record-failure', ['renewal', 'push', 'settle']],
  ] as const)('%s asks only about executions of %j', (handler, machines) => {
    const arns = machines.map((machine) => `${STATES}:execution:Perennial-${machine}:*`);
    expect([...resourcesFor(handler, DESCRIBE)].sort()).toEqual([...arns].sort());
  });

  it.each(['create-order', 'poll-order', 'finalize-order', 'record-failure', 'settle'] as const)(
    '%s changes TXT values of ACME challenges only, and replaces nothing',
    (handler) => {
      const change = statementsOf(roleOf(handler)).find(({ Action }) =>
        Action.includes('route53:ChangeResourceRecordSets'),
      );
      expect(change?.Action).toEqual(['route53:ChangeResourceRecordSets']);
      expect(change?.Resource).toEqual(['arn:aws:route53:::hostedzone/*']);
      expect(change?.Condition).toEqual({
        'ForAllValues:StringLike': { 'route53:ChangeResourceRecordSetsNormalizedRecordNames': ['_acme-challenge.*'] },
        'ForAllValues:StringEquals': {
          'route53:ChangeResourceRecordSetsRecordTypes': ['TXT'],
          'route53:ChangeResourceRecordSetsActions': ['CREATE', 'DELETE'],
        },
      });
    },
  );

  it.each([
    ['create-order', 'acme-account certificate-key', 'acme-account certificate-key'],
    ['poll-order', '', 'acme-account certificate-key'],
    ['finalize-order', 'certificate-key', 'acme-account certificate-key'],
    ['settle', '', 'acme-account certificate-key'],
    ['push-target', '', 'certificate-key'],
    ['push-aws', '', 'certificate-key'],
    ['push-export', '', 'certificate-key'],
    ['probe-target', '', ''],
    ['find-due', '', ''],
    ['record-failure', '', ''],
    ['deliver-alert', '', ''],
    ['sync-inventory', '', ''],
    ['prune-versions', '', ''],
  ] as const)('%s seals keys of "%s" and opens keys of "%s" only', (handler, sealed, opened) => {
    const purposes = (action: string) =>
      statementsOf(roleOf(handler))
        .filter(({ Action, Resource }) => Action.includes(action) && Resource.some((arn) => arn.includes('SealingKey')))
        .flatMap(({ Condition }) => {
          const equals = Reflect.get(Condition?.StringEquals ?? {}, 'kms:EncryptionContext:purpose');
          return equals ?? ['anything'];
        });
    expect(purposes('kms:Encrypt').flat().sort().join(' ')).toBe(sealed);
    expect(purposes('kms:Decrypt').flat().sort().join(' ')).toBe(opened);
  });

  it('versions are deleted of our own functions only, and never a function as a whole', () => {
    const functions = resourcesFor('prune-versions', 'lambda:ListVersionsByFunction');
    expect(functions).toHaveLength(HANDLER_NAMES.length - 2);
    for (const arn of functions) expect(arn).toMatch(/:function:Perennial\w+Function[0-9A-F]{8}$/);
    expect(resourcesFor('prune-versions', 'lambda:DeleteFunction')).toEqual(functions.map((arn) => `${arn}:*`));
  });

  it('events go to the default bus only', () => {
    expect(resourcesFor('find-due', 'events:PutEvents')).toEqual([
      'arn:aws:events:us-east-1:123456789012:event-bus/default',
    ]);
  });
});

describe('The secrets of external accounts', () => {
  const externalAccount = { keyId: 'kid-1', secretName: 'perennial/eab' };
  const [ca] = DECLARATION.cas;
  const bound = synthesiseDefinitions({
    ...CONFIG,
    declarations: [DECLARATION, { ...DECLARATION, name: 'bound', cas: [{ ...ca, externalAccount }, ca] }],
  });
  const read = (handler: HandlerName, from: Definitions) =>
    statementsOf(roleOf(handler), from).flatMap(({ Action, Resource }) =>
      Action.some((action) => action.startsWith('secretsmanager:')) ? [[...Action, ...Resource]] : [],
    );

  it.each(HANDLER_NAMES)('%s may read them only where it registers accounts', (handler) => {
    if (handler === 'deliver-alert') return;
    const registers = ['create-order', 'poll-order', 'finalize-order', 'settle'].includes(handler);
    const secret = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:perennial/eab-??????';
    expect(read(handler, bound)).toEqual(registers ? [['secretsmanager:GetSecretValue', secret]] : []);
    expect(read(handler, definitions)).toEqual([]);
  });
});

describe('The permissions of machines and schedule', () => {
  it.each([
    ['Renewal', ['CreateOrder', 'PollOrder', 'FinalizeOrder', 'RecordFailure']],
    ['Push', ['PushTarget', 'PushAws', 'PushExport', 'ProbeTarget', 'RecordFailure']],
    ['Settle', ['Settle', 'RecordFailure']],
    ['Sweep', ['FindDue', 'RefreshAri']],
  ])(
    '%s calls any version of its own Lambdas, so that a running execution outlives a deployment',
    (machine, called) => {
      const invoke = statementsOf(`Perennial${machine}MachineStateMachineRole`).find(({ Action }) =>
        Action.includes('lambda:InvokeFunction'),
      );
      const functions = (invoke?.Resource ?? []).map((arn) =>
        /:function:Perennial(\w+?)Function[0-9A-F]{8}:(\*|1)$/.exec(arn)?.slice(1),
      );
      expect(functions.map((found) => found?.[1])).toEqual(expect.arrayContaining(['*', '1']));
      expect([...new Set(functions.map((found) => found?.[0]))].sort()).toEqual([...called].sort());
    },
  );

  it('the schedules start the sweep and the watch and nothing else, each by a role of its own', () => {
    expect(statementsOf('SchedulerRole')).toEqual([
      { Effect: 'Allow', Action: ['states:StartExecution'], Resource: [`${STATES}:stateMachine:Perennial-sweep`] },
      {
        Effect: 'Allow',
        Action: ['lambda:InvokeFunction'],
        Resource: [expect.stringMatching(/function:PerennialWatchFunction\w+:1$/)],
      },
    ]);
    const roles = Object.keys(resourcesOf('AWS::IAM::Role')).filter((id) => id.startsWith('SchedulerRole'));
    expect(roles).toHaveLength(2);
  });
});
