import { ArnFormat, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { DUE_INDEX } from '../lambdas/core/rows.ts';
import { executionArns, type MachineName, machineArn } from './machine-names.ts';
import type { Needs } from './needs.ts';

/** Resources and regions that statements name. */
export type Granted = {
  readonly tableArn: string;
  readonly sealingKeyArn: string;
  /** Secrets that hold the keys of external accounts. */
  readonly secretNames: readonly string[];
  /** Regions in which certificates are imported. */
  readonly acmRegions: readonly string[];
};

/** The policy statements that a Lambda's needs come to, without topic, log group and inventory, which grant themselves. */
export function statementsFor(scope: Construct, needs: Needs, granted: Granted): readonly PolicyStatement[] {
  return [
    allow(prefixed('dynamodb', needs.table), [granted.tableArn]),
    ...(needs.dueIndex ? [allow(['dynamodb:Query'], [`${granted.tableArn}/index/${DUE_INDEX}`])] : []),
    ...(needs.keys?.length ? [allow(prefixed('kms', needs.keys), [granted.sealingKeyArn])] : []),
    ...(needs.registers ? secretStatements(scope, granted.secretNames) : []),
    ...(needs.dns ?? []).flatMap((part) => dnsStatements(scope, part)),
    ...(needs.acm ? acmStatements(scope, granted.acmRegions) : []),
    ...(needs.starts ? [allow(['states:StartExecution'], arns(scope, needs.starts, machineArn))] : []),
    ...(needs.describes ? [allow(['states:DescribeExecution'], arns(scope, needs.describes, executionArns))] : []),
    ...(needs.publishes ? [allow(['events:PutEvents'], [defaultBusArn(scope)])] : []),
  ];
}

/** AWS ends the ARN of a secret in a hyphen and six characters of its own choice. */
function secretStatements(scope: Construct, names: readonly string[]): readonly PolicyStatement[] {
  if (names.length === 0) return [];
  const secrets = names.map((name) =>
    Stack.of(scope).formatArn({
      service: 'secretsmanager',
      resource: 'secret',
      resourceName: `${name}-??????`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    }),
  );
  return [allow(['secretsmanager:GetSecretValue'], secrets)];
}

function dnsStatements(scope: Construct, part: NonNullable<Needs['dns']>[number]): readonly PolicyStatement[] {
  const zones = [route53Arn(scope, 'hostedzone')];
  switch (part) {
    case 'locate':
      return [allow(['route53:ListHostedZonesByName'], ['*']), allow(['route53:GetHostedZone'], zones)];
    case 'change':
      return [allow(['route53:ListResourceRecordSets'], zones), changeStatement(zones)];
    case 'sync':
      return [allow(['route53:GetChange'], [route53Arn(scope, 'change')])];
  }
}

/**
 * TXT values of ACME challenges only, in any zone, and never by UPSERT, which would lose what others wrote.
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-conditions-route53.html
 */
function changeStatement(zones: readonly string[]): PolicyStatement {
  return new PolicyStatement({
    actions: ['route53:ChangeResourceRecordSets'],
    resources: [...zones],
    conditions: {
      'ForAllValues:StringLike': {
        'route53:ChangeResourceRecordSetsNormalizedRecordNames': ['_acme-challenge.*'],
      },
      'ForAllValues:StringEquals': {
        'route53:ChangeResourceRecordSetsRecordTypes': ['TXT'],
        'route53:ChangeResourceRecordSetsActions': ['CREATE', 'DELETE'],
      },
    },
  });
}

/** Of a first import no ARN is known; AddTagsToCertificate is what its tags need. */
function acmStatements(scope: Construct, regions: readonly string[]): readonly PolicyStatement[] {
  const certificates = regions.map((region) =>
    Stack.of(scope).formatArn({ service: 'acm', region, resource: 'certificate', resourceName: '*' }),
  );
  const actions = [
    'ImportCertificate',
    'AddTagsToCertificate',
    'ListTagsForCertificate',
    'DescribeCertificate',
    'GetCertificate',
  ];
  return [allow(prefixed('acm', actions), certificates), allow(['acm:ListCertificates'], ['*'])];
}

function defaultBusArn(scope: Construct): string {
  return Stack.of(scope).formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' });
}

function route53Arn(scope: Construct, resource: string): string {
  const arnFormat = ArnFormat.SLASH_RESOURCE_NAME;
  return Stack.of(scope).formatArn({
    service: 'route53',
    region: '',
    account: '',
    resource,
    resourceName: '*',
    arnFormat,
  });
}

function arns(
  scope: Construct,
  machines: readonly MachineName[],
  arnOf: (scope: Construct, machine: MachineName) => string,
): readonly string[] {
  return machines.map((machine) => arnOf(scope, machine));
}

function prefixed(service: string, actions: readonly string[]): readonly string[] {
  return actions.map((action) => `${service}:${action}`);
}

function allow(actions: readonly string[], resources: readonly string[]): PolicyStatement {
  return new PolicyStatement({ actions: [...actions], resources: [...resources] });
}
