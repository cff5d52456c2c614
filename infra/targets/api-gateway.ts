import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { z } from 'zod';
import type { ApiGatewayTarget } from '../../lambdas/core/target-declaration.ts';
import { matching } from '../config/fields.ts';
import { grant } from '../grant.ts';
import { describeTarget } from './descriptor.ts';
import { COMMON, PLACE } from './fields.ts';
import { placeOf } from './place.ts';

/** A custom domain name of API Gateway. */
export const API_GATEWAY = describeTarget<ApiGatewayTarget>()({
  kind: 'api-gateway',
  summary: 'A custom domain name of API Gateway, to which the ARN of an ACM target is bound.',
  schema: z.strictObject({
    kind: z.literal('api-gateway'),
    ...COMMON,
    ...PLACE,
    domainName: matching(/^(\*\.)?([a-z0-9-]+\.)+[a-z0-9-]+$/, 'write the custom domain name, in lower case'),
    api: z.enum(['http', 'rest'], "write 'http' (also for WebSocket APIs) or 'rest'"),
    acm: matching(/^[a-z0-9][a-z0-9-]{0,39}$/, 'write the id of an ACM target of this certificate').optional(),
  }),
  fields: {
    domainName: { what: 'the custom domain name', byDefault: 'required' },
    api: { what: "`'http'` (also for WebSocket APIs) or `'rest'`", byDefault: 'required' },
    acm: {
      what: 'id of the ACM target whose ARN is bound; of one in `us-east-1` for an edge-optimized domain name',
      byDefault: 'that in the same region, which is added if there is none',
    },
  },
  limits: () => ({
    readBack: 'the ARN that the domain name has',
    keyTypes: ['ecdsa-p256', 'ecdsa-p384', 'rsa-2048'],
    source: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-custom-domains-prerequisites.html',
    notes: ['An edge-optimized domain name takes about 40 minutes to change over.'],
  }),
  servesTls: true,
  resolve: ({ domainName, api, acm = '', region, role }, base) => ({
    ...base,
    kind: 'api-gateway',
    domainName,
    api,
    acm,
    ...placeOf({ region, role }),
  }),
  suffix: ({ domainName }) => domainName.replace('*.', '').replaceAll('.', '-').slice(0, 27),
  exclusive: ({ domainName }) => ({ domainName: [domainName] }),
  grants: (scope, targets) => (targets.length === 0 ? [] : [grantOf(scope, targets)]),
});

/** API Gateway names the methods of its own API as actions. */
function grantOf(scope: Construct, targets: readonly ApiGatewayTarget[]) {
  const own = Stack.of(scope).region;
  const domains = targets.map(({ region, domainName }) =>
    Stack.of(scope).formatArn({
      service: 'apigateway',
      region: region ?? own,
      account: '',
      resource: '/domainnames',
      resourceName: domainName,
    }),
  );
  return grant('apigateway', ['GET', 'PATCH'], [...new Set(domains)].sort());
}
