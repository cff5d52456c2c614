import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { z } from 'zod';
import { type AcmTarget, CLOUDFRONT_REGION } from '../../lambdas/core/target-declaration.ts';
import { matching } from '../config/fields.ts';
import { type Grant, grant } from '../grant.ts';
import { describeTarget } from './descriptor.ts';
import { COMMON, distributionIds, PLACE } from './fields.ts';
import { placeOf } from './place.ts';

const ALL_KEY_TYPES = {
  readBack: 'the leaf that ACM holds',
  notes: [
    'With `distributions` only `ecdsa-p256` and RSA.',
    'Imports are counted against a yearly quota of the account and region.',
  ],
};

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html */
const CLOUDFRONT_KEY_TYPES = {
  ...ALL_KEY_TYPES,
  keyTypes: ['ecdsa-p256', 'rsa-2048', 'rsa-3072', 'rsa-4096'],
  source: 'https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html',
} as const;

/** A certificate in ACM, and the CloudFront distributions that serve it. */
export const ACM = describeTarget<AcmTarget>()({
  kind: 'acm',
  summary: 'A certificate in AWS Certificate Manager: every renewal is imported onto the same ARN.',
  schema: z.strictObject({
    kind: z.literal('acm', "write 'acm'"),
    ...COMMON,
    ...PLACE,
    arn: matching(
      /^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[A-Za-z0-9-]+$/,
      'write the ARN of an imported certificate in ACM',
    ).optional(),
    distributions: distributionIds.optional(),
  }),
  fields: {
    arn: {
      what: 'an imported certificate that is there already; of the same key type, which ACM keeps',
      byDefault: 'one is imported',
    },
    distributions: {
      what: `ids of CloudFront distributions that are to serve it, which is then in \`${CLOUDFRONT_REGION}\``,
      byDefault: 'none is touched',
    },
  },
  limits: (target) => (target?.distributions === undefined ? ALL_KEY_TYPES : CLOUDFRONT_KEY_TYPES),
  servesTls: true,
  resolve: ({ region: written, arn, distributions, role }, base, { path, problems }) => {
    const region = written ?? arn?.split(':')[3] ?? (distributions && CLOUDFRONT_REGION);
    if (distributions !== undefined && region !== CLOUDFRONT_REGION)
      problems.add(
        [...path, 'region'],
        region,
        `write '${CLOUDFRONT_REGION}', the only region whose certificates CloudFront reads`,
      );
    if (distributions !== undefined && role !== undefined)
      problems.add(
        [...path, 'role'],
        role.roleArn,
        'leave it out: distributions are looked for in the account of the stack',
      );
    if (arn !== undefined && arn.split(':')[3] !== region)
      problems.add([...path, 'arn'], arn, `name a certificate in ${region}, or leave region out`);
    return {
      ...base,
      kind: 'acm',
      ...placeOf({ region, role }),
      ...(arn !== undefined && { arn }),
      ...(distributions !== undefined && { distributions: [...new Set(distributions)].sort() }),
    };
  },
  suffix: ({ region, role }) => [role?.roleArn.split(':')[4], region].filter(Boolean).join('-') || undefined,
  exclusive: ({ arn, distributions = [] }) => ({ ...(arn !== undefined && { arn: [arn] }), distributions }),
  grants: (scope, targets) => [...acmGrants(scope, targets), ...distributionGrants(scope, targets)],
});

/** Of a first import no ARN is known; AddTagsToCertificate is what its tags need. */
function acmGrants(scope: Construct, targets: readonly AcmTarget[]): readonly Grant[] {
  const own = Stack.of(scope).region;
  // The stack's own region always: a certificate that is declared later needs no other policy.
  const regions = [...new Set([own, ...targets.map(({ region }) => region ?? own)])].sort();
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
  return [
    grant('acm', actions, certificates),
    grant('acm', ['DeleteCertificate'], certificates, OWN_CERTIFICATES),
    grant('acm', ['ListCertificates'], ['*']),
  ];
}

/** What was imported by a Perennial says so by this tag. */
const OWN_CERTIFICATES = { StringLike: { 'aws:ResourceTag/perennial:certificate': ['?*'] } };

function distributionGrants(scope: Construct, targets: readonly AcmTarget[]): readonly Grant[] {
  const ids = targets.flatMap(({ distributions = [] }) => distributions);
  return ids.length === 0
    ? []
    : [grant('cloudfront', ['GetDistribution', 'UpdateDistribution'], distributionArns(scope, ids))];
}

/** ARNs of distributions of the stack's account. */
export function distributionArns(scope: Construct, ids: readonly string[]): readonly string[] {
  return [...new Set(ids)]
    .sort()
    .map((resourceName) =>
      Stack.of(scope).formatArn({ service: 'cloudfront', region: '', resource: 'distribution', resourceName }),
    );
}
