import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CustomResource, Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import type { CertificateDeclaration } from '../lambdas/core/declaration.ts';
import type { ResolvedConfig } from './config/resolved.ts';
import { grant, statementOf } from './grant.ts';
import { publishedVersion } from './published-version.ts';

/**
 * The Lambda's time and size: 5,000 certificates are 15,000 writes, which a whole virtual CPU (1,769 MB) sends in a minute or
 * two. A later attempt carries on where one has stopped.
 */
export const SYNC_SECONDS = 600;
export const SYNC_MEMORY_MB = 1769;

/**
 * Has the configured certificates written into the table by `sync-inventory`, after all that the first sweep needs. The
 * declarations travel as an asset, because a custom resource's properties hold only a few kB. Deletion retires nothing. It ends with a look of the
 * watch.
 */
export function createInventory(
  parent: Construct,
  { declarations, allowRetire = false }: Pick<ResolvedConfig, 'declarations' | 'allowRetire'>,
  sync: LambdaFunction,
  watch: LambdaFunction,
): CustomResource {
  const scope = new Construct(parent, 'Inventory');
  const asset = declarationsAsset(scope, declarations);
  const objects = asset.bucket.arnForObjects(asset.s3ObjectKey);
  sync.addToRolePolicy(new PolicyStatement({ actions: ['s3:GetObject'], resources: [objects] }));
  const { functionArn } = publishedVersion(watch);
  sync.addToRolePolicy(statementOf(grant('lambda', ['InvokeFunction'], [functionArn])));
  sync.addEnvironment('WATCH_FUNCTION_ARN', functionArn);
  return new CustomResource(scope, 'Resource', {
    resourceType: 'Custom::PerennialInventory',
    serviceToken: sync.functionArn,
    // CloudFormation's invocation is asynchronous: three attempts of the Lambda's time, with a minute and two between them.
    serviceTimeout: Duration.seconds(3 * SYNC_SECONDS + 300),
    properties: { bucket: asset.s3BucketName, key: asset.s3ObjectKey, hash: asset.assetHash, allowRetire },
  });
}

function declarationsAsset(scope: Construct, declarations: readonly CertificateDeclaration[]): Asset {
  const folder = mkdtempSync(join(tmpdir(), 'perennial-inventory-'));
  try {
    const path = join(folder, 'inventory.json');
    writeFileSync(path, JSON.stringify(declarations));
    return new Asset(scope, 'Asset', { path });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
