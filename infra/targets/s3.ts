import { Stack } from 'aws-cdk-lib';
import { z } from 'zod';
import type { S3Target } from '../../lambdas/core/target-declaration.ts';
import { matching } from '../config/fields.ts';
import { grant } from '../grant.ts';
import { describeTarget } from './descriptor.ts';
import { COMMON, kmsKeyArn, PLACE } from './fields.ts';
import { placeOf } from './place.ts';
import { sealingGrants } from './sealing-grants.ts';

/** Objects in S3 that servers of the user's own read. */
export const S3 = describeTarget<S3Target>()({
  kind: 's3',
  summary: 'Objects in S3, encrypted by KMS: certificate, chain, private key and PKCS#12, for servers of your own.',
  schema: z.strictObject({
    kind: z.literal('s3'),
    ...COMMON,
    ...PLACE,
    bucket: matching(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'write the name of a bucket'),
    prefix: matching(
      /^([\w!.*'()-]+\/)+$/,
      "write what the objects' keys begin with, ending in '/': 'certificates/website/'",
    ),
    kmsKeyArn: kmsKeyArn.optional(),
  }),
  fields: {
    bucket: { what: 'the bucket', byDefault: 'required' },
    prefix: { what: "what the objects' keys begin with; ends in `/`", byDefault: 'required' },
    kmsKeyArn: { what: 'the KMS key', byDefault: '`aws/s3` of the account' },
  },
  limits: () => ({
    readBack: '`current.json`, and whether all that it names is there',
    notes: ['`<prefix>current.json` is written last and names the folder of the version to read.'],
  }),
  servesTls: false,
  resolve: ({ bucket, prefix, kmsKeyArn: key, region, role }, base) => ({
    ...base,
    kind: 's3',
    bucket,
    prefix,
    ...(key !== undefined && { kmsKeyArn: key }),
    ...placeOf({ region, role }),
  }),
  suffix: () => undefined,
  exclusive: ({ bucket, prefix }) => ({ prefix: [`${bucket}/${prefix}`] }),
  grants: (scope, targets) => {
    if (targets.length === 0) return [];
    const arn = (resource: string) => Stack.of(scope).formatArn({ service: 's3', region: '', account: '', resource });
    const objects = targets.map(({ bucket, prefix }) => arn(`${bucket}/${prefix}*`));
    const buckets = targets.map(({ bucket }) => arn(bucket));
    const prefixes = targets.map(({ prefix }) => `${prefix}*`);
    return [
      grant('s3', ['GetObject', 'PutObject', 'DeleteObject'], [...new Set(objects)].sort()),
      // Without it an object that is not there is answered as one that may not be read.
      grant('s3', ['ListBucket'], [...new Set(buckets)].sort(), {
        StringLike: { 's3:prefix': [...new Set(prefixes)].sort() },
      }),
      ...sealingGrants(targets, 's3'),
    ];
  },
});
