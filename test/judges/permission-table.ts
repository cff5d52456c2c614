import { HANDLER_NAMES, type HandlerName } from '../../infra/handlers.ts';
import { may, mayNot, type PermissionCase, type Principal } from './permission-case.ts';
import { CHANNELS } from './permission-resources.ts';

const ORDER_STEPS = ['create-order', 'poll-order', 'finalize-order'] as const;
const ON_SLOTS = [...ORDER_STEPS, 'settle'] as const;
const WITH_DNS = [...ON_SLOTS, 'record-failure'] as const;
const SWEEP_STEPS = ['find-due', 'refresh-ari'] as const;
const PUSHERS = ['push-target', 'push-aws', 'push-export'] as const;
const PUSH_STEPS = [...PUSHERS, 'probe-target'] as const;
const PUBLISHERS = allBut('sync-inventory', 'prune-versions', 'deliver-alert');
const MACHINES = ['renewal machine', 'push machine', 'settle machine', 'sweep machine'] as const;

function allBut(...names: readonly HandlerName[]): readonly HandlerName[] {
  return HANDLER_NAMES.filter((name) => !names.includes(name));
}

const TABLE: readonly PermissionCase[] = [
  may(allBut('prune-versions', 'deliver-alert'), 'dynamodb:GetItem', 'table', 'reads rows by key'),
  may(allBut('prune-versions', 'deliver-alert'), 'dynamodb:UpdateItem', 'table', 'writes rows under conditions'),
  may(
    [...ON_SLOTS, 'push-target', 'record-failure', 'watch', 'sync-inventory'],
    'dynamodb:Query',
    'table',
    'lists what belongs to a certificate',
  ),
  may([...ON_SLOTS, 'sync-inventory'], 'dynamodb:PutItem', 'table', 'makes rows'),
  may(SWEEP_STEPS, 'dynamodb:Query', 'due index', 'finds what is due'),
  may(['watch'], 'dynamodb:Query', 'due index', 'finds what cannot be cleaned up'),
  may(['watch'], 'dynamodb:GetItem', 'watch table', 'remembers what it has seen'),
  may(['watch'], 'dynamodb:UpdateItem', 'watch table', 'remembers what it has seen'),
  may(['watch'], 'dynamodb:Query', 'watch table', 'remembers what it has seen'),
  may(['watch'], 's3:GetObject', 'watch list', 'reads what is watched'),
  mayNot(allBut('watch'), 'dynamodb:GetItem', 'watch table', 'the watch shares nothing with renewal'),
  mayNot(['watch'], 'dynamodb:PutItem', 'table', 'makes no rows'),
  mayNot(['watch'], 'kms:Decrypt', 'sealing key', 'needs no private key'),
  mayNot(['watch'], 'states:StartExecution', 'renewal machine', 'makes due, and sweeps start'),
  may(['sync-inventory'], 's3:GetObject', 'inventory', 'reads what is declared'),
  mayNot(allBut('sync-inventory'), 's3:GetObject', 'inventory', 'the table says what is declared'),
  may(['sync-inventory'], 'dynamodb:Scan', 'table', 'lists all certificates at a deployment'),
  mayNot(allBut(...SWEEP_STEPS, 'watch'), 'dynamodb:Query', 'due index', 'only the sweep finds what is due'),
  mayNot(allBut('sync-inventory'), 'dynamodb:Scan', 'table', 'nothing else reads the whole table'),
  mayNot(HANDLER_NAMES, 'dynamodb:DeleteItem', 'table', 'nothing is ever deleted'),
  mayNot(HANDLER_NAMES, 'dynamodb:GetItem', 'another table', 'one table'),
  mayNot(['deliver-alert'], 'dynamodb:GetItem', 'table', 'a message says all that it tells'),
  mayNot(HANDLER_NAMES, 'dynamodb:UpdateTable', 'table', 'the deployment owns its shape'),
];

const purpose = (name: string) => ({ context: { 'kms:EncryptionContext:purpose': name } });

const KEYS: readonly PermissionCase[] = [
  may(['create-order'], 'kms:Encrypt', 'sealing key', 'seals the key of a new account', purpose('acme-account')),
  may(
    ['create-order', 'finalize-order'],
    'kms:Encrypt',
    'sealing key',
    'seals the key of a certificate',
    purpose('certificate-key'),
  ),
  may(ON_SLOTS, 'kms:Decrypt', 'sealing key', 'signs in the name of the account', purpose('acme-account')),
  may(
    [...ON_SLOTS, ...PUSHERS],
    'kms:Decrypt',
    'sealing key',
    'judges or pushes a certificate with its key',
    purpose('certificate-key'),
  ),
  mayNot(PUSHERS, 'kms:Decrypt', 'sealing key', 'no push needs an account key', purpose('acme-account')),
  mayNot(['finalize-order'], 'kms:Encrypt', 'sealing key', 'registers nothing new', purpose('acme-account')),
  mayNot(ON_SLOTS, 'kms:Decrypt', 'sealing key', 'keys of another purpose', purpose('another')),
  mayNot(['create-order', 'finalize-order'], 'kms:Encrypt', 'sealing key', 'keys of no purpose', {}),
  mayNot(PUSHERS, 'kms:Decrypt', 'sealing key', 'keys of no purpose', {}),
  mayNot(
    allBut(...ON_SLOTS, ...PUSHERS),
    'kms:Decrypt',
    'sealing key',
    'only who signs or pushes opens a key',
    purpose('certificate-key'),
  ),
  may(ON_SLOTS, 'secretsmanager:GetSecretValue', 'EAB secret', 'binds a new account to an external one'),
  mayNot(allBut(...ON_SLOTS), 'secretsmanager:GetSecretValue', 'EAB secret', 'registers no account'),
  mayNot(HANDLER_NAMES, 'secretsmanager:GetSecretValue', 'another secret', 'only secrets that are named'),
];

const change = (name: string, type = 'TXT', action = 'CREATE') => ({
  context: {
    'route53:ChangeResourceRecordSetsNormalizedRecordNames': [name],
    'route53:ChangeResourceRecordSetsRecordTypes': [type],
    'route53:ChangeResourceRecordSetsActions': [action],
  },
});
const CHALLENGE = '_acme-challenge.www.shop.test';
const CHANGE = 'route53:ChangeResourceRecordSets';

const DNS: readonly PermissionCase[] = [
  may(WITH_DNS, 'route53:ListResourceRecordSets', 'declared zone', 'reads the set that it edits'),
  may(WITH_DNS, CHANGE, 'declared zone', 'publishes a challenge', change(CHALLENGE)),
  may(WITH_DNS, CHANGE, 'declared zone', 'removes a challenge', change(CHALLENGE, 'TXT', 'DELETE')),
  may(WITH_DNS, CHANGE, 'declared zone', 'a declared delegation', change('shop.validation.shop.test')),
  mayNot(WITH_DNS, CHANGE, 'declared zone', 'would lose what others wrote', change(CHALLENGE, 'TXT', 'UPSERT')),
  mayNot(WITH_DNS, CHANGE, 'declared zone', 'only TXT', change(CHALLENGE, 'CNAME')),
  mayNot(WITH_DNS, CHANGE, 'declared zone', 'only challenges', change('www.shop.test')),
  mayNot(WITH_DNS, CHANGE, 'another zone', 'only declared zones', change(CHALLENGE)),
  mayNot(WITH_DNS, 'route53:ListResourceRecordSets', 'another zone', 'only declared zones'),
  mayNot(allBut(...WITH_DNS), CHANGE, 'declared zone', 'publishes no challenge', change(CHALLENGE)),
  may(['poll-order'], 'route53:GetChange', 'DNS change', 'asks whether a change is everywhere'),
  mayNot(allBut('poll-order'), 'route53:GetChange', 'DNS change', 'waits for no change'),
  may(WITH_DNS, 'sts:AssumeRole', 'zone role', 'zones of another account'),
  mayNot(WITH_DNS, 'sts:AssumeRole', 'another role', 'only declared roles'),
  mayNot(allBut(...WITH_DNS), 'sts:AssumeRole', 'zone role', 'publishes no challenge'),
  mayNot(ORDER_STEPS, 'route53:ListHostedZonesByName', 'everything', 'the declared zones are all there is'),
  may(ORDER_STEPS, 'route53:ListHostedZonesByName', 'everything', 'finds the zone of a name', { ground: 'any zone' }),
  may(ORDER_STEPS, 'route53:GetHostedZone', 'another zone', 'asks for its name servers', { ground: 'any zone' }),
  may(WITH_DNS, CHANGE, 'another zone', 'any zone may hold a name', { ground: 'any zone', ...change(CHALLENGE) }),
  may(WITH_DNS, 'route53:ListResourceRecordSets', 'another zone', 'reads the set that it edits', {
    ground: 'any zone',
  }),
  mayNot(WITH_DNS, CHANGE, 'another zone', 'only challenges', { ground: 'any zone', ...change('www.shop.test') }),
  mayNot(HANDLER_NAMES, 'route53:DeleteHostedZone', 'declared zone', 'zones are not its own'),
];

/** The tag of what a Perennial has imported. */
const OURS = { context: { 'aws:ResourceTag/perennial:certificate': 'table/shop/acm' } };

const PUSHES: readonly PermissionCase[] = [
  ...['ACM certificate', 'ACM certificate in the second region'].flatMap((certificate) => [
    may(['push-target'], 'acm:ImportCertificate', certificate, 'installs a version'),
    may(['push-target'], 'acm:GetCertificate', certificate, 'reads back what is installed'),
    may(['push-target'], 'acm:DescribeCertificate', certificate, 'reads names that the list cuts off'),
    may(['push-target'], 'acm:AddTagsToCertificate', certificate, 'marks a first import as its own'),
    may(['push-target'], 'acm:DeleteCertificate', certificate, 'removes what was superseded', OURS),
    may(['push-target'], 'acm:ListTagsForCertificate', certificate, 'finds a first import whose answer was lost'),
  ]),
  may(['push-target'], 'acm:ListCertificates', 'everything', 'finds a first import whose answer was lost'),
  mayNot(
    ['push-target'],
    'acm:ImportCertificate',
    'ACM certificate in a region without targets',
    'only regions of targets',
  ),
  may(['push-target'], 'cloudfront:GetDistribution', 'declared distribution', 'looks which certificate it serves'),
  may(['push-target'], 'cloudfront:UpdateDistribution', 'declared distribution', 'gives it a certificate'),
  mayNot(['push-target'], 'cloudfront:UpdateDistribution', 'another distribution', 'only declared distributions'),
  mayNot(allBut('push-target'), 'cloudfront:UpdateDistribution', 'declared distribution', 'not of its targets'),
  mayNot(HANDLER_NAMES, 'cloudfront:DeleteDistribution', 'declared distribution', 'distributions are not its own'),
  may(['push-target'], 'sts:AssumeRole', 'target role', 'ACM of another account'),
  mayNot(allBut('push-target'), 'sts:AssumeRole', 'target role', 'not of its targets'),
  may(['push-target'], 'ssm:PutParameter', 'ARN parameter', 'tells other stacks the ARN of a certificate'),
  mayNot(['push-target'], 'ssm:PutParameter', 'another parameter', 'only below its own prefix'),
  mayNot(allBut('push-target'), 'ssm:PutParameter', 'ARN parameter', 'pushes nothing'),
  mayNot(['push-target'], 'acm:DeleteCertificate', 'ACM certificate', 'what was not imported by a Perennial', {}),
  mayNot(allBut('push-target'), 'acm:DeleteCertificate', 'ACM certificate', 'pushes nothing', OURS),
  mayNot(HANDLER_NAMES, 'acm:ExportCertificate', 'ACM certificate', 'keys do not leave ACM'),
  mayNot(allBut('push-target'), 'acm:ImportCertificate', 'ACM certificate', 'pushes nothing'),
];

const LISTENER_WRITES = ['ModifyListener', 'AddListenerCertificates', 'RemoveListenerCertificates'];
const SERVER_CERTIFICATES = ['UploadServerCertificate', 'GetServerCertificate', 'DeleteServerCertificate'];
const SECRET_WRITES = ['CreateSecret', 'TagResource', 'DescribeSecret', 'PutSecretValue', 'UpdateSecretVersionStage'];

const via = (service: string) => ({ context: { 'kms:ViaService': `${service}.us-east-1.amazonaws.com` } });
const listing = (prefix: string) => ({ context: { 's3:prefix': prefix } });

const PUSHES_TO_AWS: readonly PermissionCase[] = [
  ...['DescribeListeners', 'DescribeListenerCertificates'].map((action) =>
    may(['push-aws'], `elasticloadbalancing:${action}`, 'everything', 'looks what a listener serves'),
  ),
  ...LISTENER_WRITES.flatMap((action) => [
    may(['push-aws'], `elasticloadbalancing:${action}`, 'declared listener', 'binds an ARN, removes a superseded one'),
    mayNot(HANDLER_NAMES, `elasticloadbalancing:${action}`, 'another listener', 'only declared listeners'),
  ]),
  ...['GET', 'PATCH'].flatMap((method) => [
    may(['push-aws'], `apigateway:${method}`, 'declared domain name', 'binds an ARN to a domain name'),
    mayNot(HANDLER_NAMES, `apigateway:${method}`, 'another domain name', 'only declared domain names'),
  ]),
  mayNot(HANDLER_NAMES, 'apigateway:DELETE', 'declared domain name', 'domain names are not its own'),
  ...SERVER_CERTIFICATES.flatMap((action) => [
    may(['push-aws'], `iam:${action}`, 'server certificate', 'a version is a server certificate'),
    mayNot(HANDLER_NAMES, `iam:${action}`, 'another server certificate', 'only below its own path'),
  ]),
  ...['GetDistribution', 'UpdateDistribution'].map((action) =>
    may(['push-aws'], `cloudfront:${action}`, 'distribution of an IAM certificate', 'has it serve a version'),
  ),
  mayNot(
    allBut('push-aws'),
    'cloudfront:UpdateDistribution',
    'distribution of an IAM certificate',
    'not of its targets',
  ),
];

const EXPORTS: readonly PermissionCase[] = [
  ...SECRET_WRITES.flatMap((action) => [
    may(['push-export'], `secretsmanager:${action}`, 'exported secret', 'a version is a version of the secret'),
    mayNot(HANDLER_NAMES, `secretsmanager:${action}`, 'another secret', 'only declared secrets'),
  ]),
  ...SECRET_WRITES.slice(0, 3).map((action) =>
    may(['push-export'], `secretsmanager:${action}`, 'exported secret before it is made', 'makes the secret'),
  ),
  mayNot(HANDLER_NAMES, 'secretsmanager:GetSecretValue', 'exported secret', 'what is exported is not read back'),
  may(['push-export'], 'secretsmanager:GetSecretValue', 'webhook secret', 'signs what a webhook is told'),
  mayNot(allBut('push-export'), 'secretsmanager:GetSecretValue', 'webhook secret', 'tells no webhook'),
  ...['GetObject', 'PutObject', 'DeleteObject'].flatMap((action) => [
    may(['push-export'], `s3:${action}`, 'exported object', 'a version is a folder of objects'),
    mayNot(['push-export'], `s3:${action}`, 'another object', 'only below the prefix'),
  ]),
  may(['push-export'], 's3:ListBucket', 'export bucket', 'learns that an object is not there', listing('shop/a')),
  mayNot(['push-export'], 's3:ListBucket', 'export bucket', 'only below the prefix', listing('another/a')),
  ...['GenerateDataKey', 'Decrypt'].flatMap((action) => [
    may(['push-export'], `kms:${action}`, 'export key', 'S3 encrypts in its name', via('s3')),
    may(['push-export'], `kms:${action}`, 'export key', 'Secrets Manager encrypts in its name', via('secretsmanager')),
    mayNot(['push-export'], `kms:${action}`, 'export key', 'only by way of these services', {}),
  ]),
];

const RUNS: readonly PermissionCase[] = [
  may(['find-due'], 'states:StartExecution', 'renewal machine', 'starts what is due'),
  may(['find-due', ...ORDER_STEPS], 'states:StartExecution', 'push machine', 'starts pushes'),
  may(['find-due'], 'states:StartExecution', 'settle machine', 'starts what is due'),
  may(['sync-inventory', 'schedule'], 'states:StartExecution', 'sweep machine', 'starts a sweep'),
  may([...ON_SLOTS, 'record-failure'], 'states:DescribeExecution', 'renewal execution', 'asks whether an owner runs'),
  may([...ON_SLOTS, 'record-failure'], 'states:DescribeExecution', 'settle execution', 'asks whether an owner runs'),
  may(['record-failure'], 'states:DescribeExecution', 'push execution', 'asks what became of a run'),
  mayNot(['schedule', 'sync-inventory'], 'states:StartExecution', 'renewal machine', 'only sweeps find what is due'),
  mayNot([...ORDER_STEPS], 'states:StartExecution', 'renewal machine', 'a run starts no run of its kind'),
  mayNot([...PUSH_STEPS, 'record-failure'], 'states:StartExecution', 'push machine', 'the sweep tries again'),
  mayNot(HANDLER_NAMES, 'states:StopExecution', 'renewal execution', 'runs end by themselves'),
];

const TOLD: readonly PermissionCase[] = [
  may(PUBLISHERS, 'sns:Publish', 'alert topic', 'tells people'),
  may(PUBLISHERS, 'kms:GenerateDataKey', 'alert key', 'the topic is encrypted'),
  may(PUBLISHERS, 'kms:Decrypt', 'alert key', 'the topic is encrypted'),
  may(PUBLISHERS, 'events:PutEvents', 'event bus', 'tells machines'),
  mayNot(HANDLER_NAMES, 'sns:Publish', 'another topic', 'one topic'),
  mayNot(HANDLER_NAMES, 'events:PutEvents', 'another event bus', 'the default bus only'),
  may(['watch'], 'sns:ListSubscriptionsByTopic', 'alert topic', 'tells who is told'),
  mayNot(allBut('watch'), 'sns:ListSubscriptionsByTopic', 'alert topic', 'only the watch looks who is told'),
  mayNot(['sync-inventory'], 'sns:Publish', 'alert topic', 'a deployment says itself what it did'),
];

const QUEUES = CHANNELS.map(({ name }) => name);

const TO_CHANNELS: readonly PermissionCase[] = [
  ...QUEUES.flatMap((name) => [
    ...['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].map((action) =>
      may(['deliver-alert'], `sqs:${action}`, `${name} queue`, 'Lambda hands it the messages of a queue'),
    ),
    may(['deliver-alert'], 'sqs:ChangeMessageVisibility', `${name} queue`, 'tries a message again later'),
    may(['deliver-alert'], 'sqs:SendMessage', `${name} dead letters`, 'gives a message up, with a reason'),
    mayNot(HANDLER_NAMES, 'sqs:SendMessage', `${name} queue`, 'only event rules fill queues'),
    mayNot(allBut('deliver-alert'), 'sqs:ReceiveMessage', `${name} queue`, 'delivers nothing'),
    mayNot(HANDLER_NAMES, 'sqs:ReceiveMessage', `${name} dead letters`, 'people look at dead letters'),
  ]),
  mayNot(['deliver-alert'], 'sqs:ReceiveMessage', 'another queue', 'only queues of channels'),
  ...['chat secret', 'duty secret'].flatMap((secret) => [
    may(['deliver-alert'], 'secretsmanager:GetSecretValue', secret, 'URL, token or key of a channel'),
    mayNot(allBut('deliver-alert'), 'secretsmanager:GetSecretValue', secret, 'tells no channel'),
  ]),
  may(['deliver-alert'], 'sns:Publish', 'channel topic', 'tells Amazon Q'),
  may(['deliver-alert'], 'kms:GenerateDataKey', 'alert key', 'the topic is encrypted'),
  may(['deliver-alert'], 'kms:Decrypt', 'alert key', 'the topic is encrypted'),
  mayNot(['deliver-alert'], 'sns:Publish', 'alert topic', 'who tells is not who reports'),
  mayNot(['deliver-alert'], 'events:PutEvents', 'event bus', 'who tells is not who reports'),
  mayNot(allBut('deliver-alert'), 'sns:Publish', 'channel topic', 'tells no channel'),
];

/** https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy */
const LOG_DELIVERY = [
  'CreateLogDelivery',
  'DeleteLogDelivery',
  'DescribeLogGroups',
  'DescribeResourcePolicies',
  'GetLogDelivery',
  'ListLogDeliveries',
  'PutResourcePolicy',
  'UpdateLogDelivery',
];

const MACHINE_CALLS: readonly PermissionCase[] = [
  ...(
    [
      ['renewal machine', ['create-order', 'poll-order', 'finalize-order', 'record-failure']],
      ['push machine', [...PUSHERS, 'probe-target', 'record-failure']],
      ['settle machine', ['settle', 'record-failure']],
      ['sweep machine', SWEEP_STEPS],
    ] as const satisfies readonly (readonly [Principal, readonly HandlerName[]])[]
  ).flatMap(([machine, called]) => [
    ...called.map((handler) => may([machine], 'lambda:InvokeFunction', `${handler} version`, 'its own step')),
    ...called.map((handler) =>
      may([machine], 'lambda:InvokeFunction', `earlier ${handler} version`, 'a run keeps its version'),
    ),
  ]),
  may(['watch schedule', 'sync-inventory'], 'lambda:InvokeFunction', 'watch version', 'has the watch look'),
  mayNot(MACHINES, 'lambda:InvokeFunction', 'watch version', 'the watch shares nothing with renewal'),
  mayNot(['watch schedule'], 'lambda:InvokeFunction', 'create-order version', 'starts nothing else'),
  mayNot(MACHINES, 'lambda:InvokeFunction', 'sync-inventory version', 'only deployments do'),
  mayNot(['renewal machine'], 'lambda:InvokeFunction', 'push-target version', 'pushes are runs of their own'),
  mayNot(['push machine'], 'lambda:InvokeFunction', 'finalize-order version', 'a push never causes an issuance'),
  ...LOG_DELIVERY.map((action) =>
    may(
      MACHINES,
      `logs:${action}`,
      'everything',
      'Step Functions sets up its own log delivery, which knows no resource',
    ),
  ),
  mayNot(MACHINES, 'lambda:UpdateFunctionCode', 'create-order function', 'machines only call'),
];

const VERSIONS: readonly PermissionCase[] = [
  ...HANDLER_NAMES.filter((name) => name !== 'sync-inventory' && name !== 'prune-versions').flatMap((handler) => [
    may(
      ['prune-versions'],
      'lambda:ListVersionsByFunction',
      `${handler} function`,
      'finds versions that nothing can call',
    ),
    may(
      ['prune-versions'],
      'lambda:DeleteFunction',
      `earlier ${handler} version`,
      'deletes versions that nothing can call',
    ),
    mayNot(['prune-versions'], 'lambda:DeleteFunction', `${handler} function`, 'never a function as a whole'),
  ]),
  mayNot(allBut('prune-versions'), 'lambda:DeleteFunction', 'earlier settle version', 'deletes nothing'),
];

const LOGS: readonly PermissionCase[] = HANDLER_NAMES.flatMap((handler) => [
  may([handler], 'logs:CreateLogStream', `${handler} logs`, 'writes its log'),
  may([handler], 'logs:PutLogEvents', `${handler} logs`, 'writes its log'),
  mayNot(allBut(handler), 'logs:PutLogEvents', `${handler} logs`, 'writes its own log only'),
]);

/** What each Lambda, machine and schedule may call, and calls that it may not. `docs/permissions.md` is made from it. */
export const PERMISSIONS: Readonly<Record<string, readonly PermissionCase[]>> = {
  'The table': TABLE,
  'Keys and secrets': KEYS,
  DNS,
  Targets: PUSHES,
  'Targets: other AWS': PUSHES_TO_AWS,
  'Targets: exports': EXPORTS,
  Runs: RUNS,
  'People and machines that are told': TOLD,
  'Channels that tell people': TO_CHANNELS,
  'State machines': MACHINE_CALLS,
  'Versions of Lambdas': VERSIONS,
  Logs: LOGS,
};
