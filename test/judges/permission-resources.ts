import type { Definitions } from '../../local/embedded/definitions.ts';
import { LOCAL_ACCOUNT, LOCAL_REGION, resolveValue } from '../../local/embedded/template-values.ts';
import { CONFIG } from '../infra/fixtures.ts';

/** The channels of the judged configuration. */
export const CHANNELS = CONFIG.alerts.channels ?? [];

const UUID = '11111111-2222-3333-4444-555555555555';

/** A declared listener, and the key of declared exports. */
export const LISTENER = `arn:aws:elasticloadbalancing:${LOCAL_REGION}:${LOCAL_ACCOUNT}:listener/app/shop/1/1`;
export const EXPORT_KEY = `arn:aws:kms:${LOCAL_REGION}:${LOCAL_ACCOUNT}:key/${UUID}`;

/** ARNs by the names that the table of permissions uses. */
export function resourcesOf(definitions: Definitions): Readonly<Record<string, string>> {
  const table = arn('dynamodb', `table/${definitions.table.TableName}`);
  const watchTable = logicalId(definitions, 'AWS::DynamoDB::Table', /WatchTable/);
  return {
    everything: '*',
    table,
    'due index': `${table}/index/due-index`,
    'watch table': arn('dynamodb', `table/${watchTable}`),
    'another table': arn('dynamodb', 'table/another'),
    'sealing key': arn('kms', `key/${logicalId(definitions, 'AWS::KMS::Key', /SealingKey/)}`),
    'alert key': arn('kms', `key/${logicalId(definitions, 'AWS::KMS::Key', /TopicKey/)}`),
    'alert topic': arn('sns', logicalId(definitions, 'AWS::SNS::Topic', /^PerennialTopic/)),
    'channel topic': arn('sns', logicalId(definitions, 'AWS::SNS::Topic', /^PerennialChannels/)),
    ...Object.fromEntries(CHANNELS.flatMap(({ name }) => queuesOf(definitions, name))),
    'another queue': arn('sqs', 'another'),
    'chat secret': arn('secretsmanager', 'secret:perennial/slack-AbCdEf'),
    'duty secret': arn('secretsmanager', 'secret:perennial/pagerduty-AbCdEf'),
    'another topic': arn('sns', 'another'),
    'event bus': arn('events', 'event-bus/default'),
    'another event bus': arn('events', 'event-bus/another'),
    'declared zone': 'arn:aws:route53:::hostedzone/Z0DECLARED',
    'another zone': 'arn:aws:route53:::hostedzone/Z0ANOTHER',
    'DNS change': 'arn:aws:route53:::change/C0123456789',
    'zone role': `arn:aws:iam::222222222222:role/zones`,
    'another role': `arn:aws:iam::222222222222:role/another`,
    'EAB secret': `arn:aws:secretsmanager:${LOCAL_REGION}:${LOCAL_ACCOUNT}:secret:eab-AbCdEf`,
    'another secret': `arn:aws:secretsmanager:${LOCAL_REGION}:${LOCAL_ACCOUNT}:secret:another-AbCdEf`,
    'ACM certificate': arn('acm', `certificate/${UUID}`),
    'ACM certificate in the second region': arn('acm', `certificate/${UUID}`, 'eu-west-3'),
    'ACM certificate in a region without targets': arn('acm', `certificate/${UUID}`, 'ap-south-1'),
    inventory: inventoryObject(definitions),
    'watch list': watchList(definitions),
    'declared distribution': `arn:aws:cloudfront::${LOCAL_ACCOUNT}:distribution/E1A2B3C4D5E6F7`,
    'another distribution': `arn:aws:cloudfront::${LOCAL_ACCOUNT}:distribution/E9999999999999`,
    'distribution of an IAM certificate': `arn:aws:cloudfront::${LOCAL_ACCOUNT}:distribution/E7777777777777`,
    'target role': 'arn:aws:iam::222222222222:role/acm',
    'declared listener': LISTENER,
    'another listener': `${LISTENER}0`,
    'declared domain name': `arn:aws:apigateway:${LOCAL_REGION}::/domainnames/api.shop.test`,
    'another domain name': `arn:aws:apigateway:${LOCAL_REGION}::/domainnames/www.shop.test`,
    'server certificate': `arn:aws:iam::${LOCAL_ACCOUNT}:server-certificate/cloudfront/perennial/perennial-shop-china-1`,
    'another server certificate': `arn:aws:iam::${LOCAL_ACCOUNT}:server-certificate/theirs`,
    'exported secret': arn('secretsmanager', 'secret:export-AbCdEf'),
    'exported secret before it is made': arn('secretsmanager', 'secret:export'),
    'webhook secret': arn('secretsmanager', 'secret:hook-AbCdEf'),
    'exported object': 'arn:aws:s3:::export/shop/current.json',
    'another object': 'arn:aws:s3:::export/another/current.json',
    'export bucket': 'arn:aws:s3:::export',
    'export key': EXPORT_KEY,
    'ARN parameter': arn('ssm', 'parameter/perennial/shop/acm/arn'),
    'another parameter': arn('ssm', 'parameter/another'),
    ...machines(definitions),
  };
}

/** Queue and dead letters of a channel, by the names that the table uses. */
function queuesOf(definitions: Definitions, name: string): readonly (readonly [string, string])[] {
  const of = (what: string) =>
    logicalId(definitions, 'AWS::SQS::Queue', new RegExp(`^PerennialChannels${name}${what}`));
  return [
    [`${name} queue`, arn('sqs', of('Queue'))],
    [`${name} dead letters`, arn('sqs', of('DeadLetters'))],
  ];
}

function machines({ machines: all }: Definitions): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.values(all).flatMap(({ machine, name, arn: machineArn }) => [
      [`${machine} machine`, machineArn],
      [`${machine} execution`, arn('states', `execution:${name}:one`)],
    ]),
  );
}

function inventoryObject({ resources }: Definitions): string {
  const [resource] = Object.values(resources).filter(({ Type }) => Type === 'Custom::PerennialInventory');
  const { bucket, key } = resolveValue(resource?.Properties, resources) as Record<'bucket' | 'key', string>;
  return `arn:aws:s3:::${bucket}/${key}`;
}

function watchList({ functions }: Definitions): string {
  const { WATCH_LIST_BUCKET, WATCH_LIST_KEY } = functions.watch.environment;
  return `arn:aws:s3:::${WATCH_LIST_BUCKET}/${WATCH_LIST_KEY}`;
}

/** Of the one resource of that type whose id matches. */
function logicalId({ resources }: Definitions, type: string, id: RegExp): string {
  const found = Object.keys(resources).filter((each) => resources[each]?.Type === type && id.test(each));
  const [only, ...others] = found;
  if (only === undefined || others.length > 0) throw new Error(`${found.length} resources ${type} match ${id}`);
  return only;
}

function arn(service: string, resource: string, region: string = LOCAL_REGION): string {
  return `arn:aws:${service}:${region}:${LOCAL_ACCOUNT}:${resource}`;
}
