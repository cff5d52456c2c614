import { z } from 'zod';
import { externalId, matching, numberBetween, region, retrySchema, roleArn, text } from '../config/fields.ts';

const probeSchema = z.union(
  [
    z.literal('control-plane'),
    z.strictObject({
      host: text('write a host name or an IP address'),
      port: numberBetween(1, 65_535, 'a whole number').int('write a whole number').optional(),
      servername: text('write a DNS name').optional(),
    }),
  ],
  "write { host, port, servername }, or 'control-plane' where no handshake can reach the target",
);

/** What every target may say. */
export const COMMON = {
  id: matching(/^[a-z0-9][a-z0-9-]{0,39}$/, 'write up to 40 of a-z, 0-9 and "-"').optional(),
  probe: probeSchema.optional(),
  retry: retrySchema.optional(),
};

/** In whose name a target in another account is worked on. */
export const ROLE = {
  role: z
    .strictObject(
      { roleArn, externalId: externalId.optional() },
      'write { roleArn, externalId } of a role in the account that has the target',
    )
    .optional(),
};

/** Where in AWS a target is. */
export const PLACE = {
  ...ROLE,
  region: region.optional(),
};

export const distributionIds = z
  .array(matching(/^E[A-Z0-9]{6,20}$/, 'write the id of a CloudFront distribution, such as E1A2B3C4D5E6F7'))
  .min(1, 'name at least one distribution, or leave it out');

export const kmsKeyArn = matching(
  /^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/,
  'write the ARN of a KMS key (not of an alias)',
);
