import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { z } from 'zod';
import type { SecretsManagerTarget } from '../../lambdas/core/target-declaration.ts';
import { secretName } from '../config/fields.ts';
import { grant } from '../grant.ts';
import { describeTarget } from './descriptor.ts';
import { COMMON, kmsKeyArn, PLACE } from './fields.ts';
import { placeOf } from './place.ts';
import { sealingGrants } from './sealing-grants.ts';

/** TagResource is what the tags of CreateSecret need. */
const MAKING = ['CreateSecret', 'TagResource', 'DescribeSecret'];

/** A secret of Secrets Manager that servers of the user's own read. */
export const SECRETS_MANAGER = describeTarget<SecretsManagerTarget>()({
  kind: 'secrets-manager',
  summary:
    'A secret of AWS Secrets Manager that holds certificate, chain, private key and PKCS#12, for servers of your own.',
  schema: z.strictObject({
    kind: z.literal('secrets-manager'),
    ...COMMON,
    ...PLACE,
    secretName,
    kmsKeyArn: kmsKeyArn.optional(),
  }),
  fields: {
    secretName: { what: 'its name; one that is not there is made', byDefault: 'required' },
    kmsKeyArn: { what: 'the KMS key of a secret that is made', byDefault: '`aws/secretsmanager` of the account' },
  },
  limits: () => ({
    readBack: 'the id of the version that is AWSCURRENT, which is the SHA-256 of the leaf',
    notes: ['A secret that is there already is written to only if it has the tag `perennial:certificate`.'],
  }),
  servesTls: false,
  resolve: ({ secretName: name, kmsKeyArn: key, region, role }, base) => ({
    ...base,
    kind: 'secrets-manager',
    secretName: name,
    ...(key !== undefined && { kmsKeyArn: key }),
    ...placeOf({ region, role }),
  }),
  suffix: ({ region }) => region,
  exclusive: ({ secretName: name, region = '', role }) => ({
    secretName: [[name, region, role?.roleArn].filter(Boolean).join(' ')],
  }),
  grants: (scope, targets) => {
    if (targets.length === 0) return [];
    const secrets = [...new Set(targets.map(({ secretName: name, region }) => secretArn(scope, name, region)))].sort();
    // One that is not there yet has no suffix.
    const unmade = secrets.map((arn) => arn.replace(/-\?{6}$/, ''));
    return [
      grant('secretsmanager', [...MAKING, 'PutSecretValue', 'UpdateSecretVersionStage'], secrets),
      grant('secretsmanager', MAKING, unmade),
      ...sealingGrants(targets, 'secretsmanager'),
    ];
  },
});

/** AWS ends the ARN of a secret in a hyphen and six characters of its own choice. */
export function secretArn(scope: Construct, name: string, region?: string): string {
  return Stack.of(scope).formatArn({
    service: 'secretsmanager',
    ...(region !== undefined && { region }),
    resource: 'secret',
    resourceName: `${name}-??????`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}
