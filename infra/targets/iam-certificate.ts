import { Stack } from 'aws-cdk-lib';
import { z } from 'zod';
import type { IamCertificateTarget } from '../../lambdas/core/target-declaration.ts';
import { grant } from '../grant.ts';
import { distributionArns } from './acm.ts';
import { describeTarget } from './descriptor.ts';
import { COMMON, distributionIds } from './fields.ts';

/** A server certificate of IAM for CloudFront distributions. */
export const IAM_CERTIFICATE = describeTarget<IamCertificateTarget>()({
  kind: 'iam-certificate',
  summary:
    'A server certificate in IAM and the CloudFront distributions that serve it, for China, where CloudFront reads no ACM.',
  schema: z.strictObject({ kind: z.literal('iam-certificate'), ...COMMON, distributions: distributionIds }),
  fields: { distributions: { what: 'ids of CloudFront distributions that are to serve it', byDefault: 'required' } },
  limits: () => ({
    readBack: 'the leaf that IAM holds',
    keyTypes: ['ecdsa-p256', 'rsa-2048', 'rsa-3072', 'rsa-4096'],
    source: 'https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html',
    notes: ['Every renewal is another server certificate; the one before is deleted once nothing serves it.'],
  }),
  servesTls: true,
  resolve: ({ distributions }, base) => ({
    ...base,
    kind: 'iam-certificate',
    distributions: [...new Set(distributions)].sort(),
  }),
  suffix: () => undefined,
  exclusive: ({ distributions }) => ({ distributions }),
  grants: (scope, targets) => {
    if (targets.length === 0) return [];
    const certificates = Stack.of(scope).formatArn({
      service: 'iam',
      region: '',
      resource: 'server-certificate',
      resourceName: 'cloudfront/perennial/*',
    });
    const ids = targets.flatMap(({ distributions }) => distributions);
    return [
      grant('iam', ['UploadServerCertificate', 'GetServerCertificate', 'DeleteServerCertificate'], [certificates]),
      grant('cloudfront', ['GetDistribution', 'UpdateDistribution'], distributionArns(scope, ids)),
    ];
  },
});
