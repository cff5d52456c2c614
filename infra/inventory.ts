import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CustomResource, Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import type { CertificateDeclaration } from '../lambdas/core/declaration.ts';

/**
 * Has the configured certificates written into the table by `sync-inventory`, after all that the first sweep needs. The
 * declarations travel as an asset, because a custom resource's properties hold only a few kB. Deletion retires nothing.
 */
export function createInventory(
  parent: Construct,
  declarations: readonly CertificateDeclaration[],
  sync: LambdaFunction,
): CustomResource {
  const scope = new Construct(parent, 'Inventory');
  const asset = declarationsAsset(scope, declarations);
  const objects = asset.bucket.arnForObjects(asset.s3ObjectKey);
  sync.addToRolePolicy(new PolicyStatement({ actions: ['s3:GetObject'], resources: [objects] }));
  return new CustomResource(scope, 'Resource', {
    resourceType: 'Custom::PerennialInventory',
    serviceToken: sync.functionArn,
    // CloudFormation's invocation is asynchronous: three attempts of a Lambda's minute, with a minute and two between them.
    serviceTimeout: Duration.minutes(10),
    properties: { bucket: asset.s3BucketName, key: asset.s3ObjectKey, hash: asset.assetHash },
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
