import { RemovalPolicy } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

/** The key that seals account and certificate keys. It outlives its stack: what it sealed is unreadable without it. */
export function createSealingKey(scope: Construct): Key {
  return new Key(scope, 'SealingKey', {
    description: 'Seals the private keys of Perennial',
    enableKeyRotation: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
}
