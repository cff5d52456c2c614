import { type Grant, grant } from '../grant.ts';

/**
 * What a service needs to encrypt in the caller's name with a key of the user's own; the key's policy must admit it as well.
 * https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
 */
export function sealingGrants(
  targets: readonly { readonly kmsKeyArn?: string; readonly region?: string }[],
  service: 's3' | 'secretsmanager',
): readonly Grant[] {
  const keys = [...new Set(targets.flatMap(({ kmsKeyArn }) => kmsKeyArn ?? []))].sort();
  if (keys.length === 0) return [];
  const via = { StringLike: { 'kms:ViaService': [`${service}.*.amazonaws.com*`] } };
  return [grant('kms', ['GenerateDataKey', 'Decrypt'], keys, via)];
}
