import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { DnsReach } from './dns-reach.ts';
import { type Grant, grant } from './grant.ts';

/** `locate` finds a name's zone, `change` edits TXT values of challenges, `sync` asks whether a change is everywhere. */
export type DnsPart = 'locate' | 'change' | 'sync';

/**
 * What publishing challenges takes: Route 53 for the zones of this account, the roles that were declared for all others, of
 * which this account's policy says no more.
 */
export function dnsGrants(scope: Construct, parts: readonly DnsPart[], reach: DnsReach): readonly Grant[] {
  const roles = [...new Set(reach.zones.flatMap(({ role }) => role?.roleArn ?? []))].sort();
  return [
    ...parts.flatMap((part) => route53Grants(scope, part, reach)),
    ...(roles.length > 0 ? [grant('sts', ['AssumeRole'], roles)] : []),
  ];
}

function route53Grants(scope: Construct, part: DnsPart, reach: DnsReach): readonly Grant[] {
  const zones = ownZones(scope, reach);
  if (zones.length === 0) return [];
  switch (part) {
    case 'locate':
      if (reach.only) return [];
      return [grant('route53', ['ListHostedZonesByName'], ['*']), grant('route53', ['GetHostedZone'], zones)];
    case 'change':
      return [grant('route53', ['ListResourceRecordSets'], zones), changeGrant(zones, reach.delegations)];
    case 'sync':
      return [grant('route53', ['GetChange'], [route53Arn(scope, 'change', '*')])];
  }
}

function ownZones(scope: Construct, { zones, only }: DnsReach): readonly string[] {
  if (!only) return [route53Arn(scope, 'hostedzone', '*')];
  const own = zones.filter(({ role }) => role === undefined);
  return own.map(({ zoneId }) => route53Arn(scope, 'hostedzone', zoneId));
}

/**
 * TXT values of ACME challenges and of the names they are delegated to, never by UPSERT, which would lose what others wrote.
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-conditions-route53.html
 */
function changeGrant(zones: readonly string[], delegations: readonly string[]): Grant {
  return grant('route53', ['ChangeResourceRecordSets'], zones, {
    'ForAllValues:StringLike': {
      'route53:ChangeResourceRecordSetsNormalizedRecordNames': ['_acme-challenge.*', ...delegations],
    },
    'ForAllValues:StringEquals': {
      'route53:ChangeResourceRecordSetsRecordTypes': ['TXT'],
      'route53:ChangeResourceRecordSetsActions': ['CREATE', 'DELETE'],
    },
  });
}

function route53Arn(scope: Construct, resource: string, resourceName: string): string {
  const arnFormat = ArnFormat.SLASH_RESOURCE_NAME;
  return Stack.of(scope).formatArn({ service: 'route53', region: '', account: '', resource, resourceName, arnFormat });
}
