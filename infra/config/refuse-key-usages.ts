import type { CaSettings, KeyType } from '../../lambdas/core/declaration.ts';
import type { TargetDeclaration } from '../../lambdas/core/target-declaration.ts';
import type { ConfigPath, Problems } from './problems.ts';

/** Profiles whose RSA certificates lack the key usage keyEncipherment. https://letsencrypt.org/docs/profiles/ */
const WITHOUT_KEY_ENCIPHERMENT: readonly string[] = ['tlsserver', 'shortlived'];

/**
 * ACM takes no certificate onto an ARN that has fewer key usages than the one before, and an ARN that was declared is never
 * left for another. https://docs.aws.amazon.com/acm/latest/userguide/import-reimport.html
 */
export function refuseLostKeyUsages(
  keyType: KeyType,
  cas: readonly CaSettings[],
  targets: readonly TargetDeclaration[],
  path: ConfigPath,
  problems: Problems,
): void {
  const profile = cas.map(({ profile: each }) => each ?? '').find((each) => WITHOUT_KEY_ENCIPHERMENT.includes(each));
  if (profile === undefined || !keyType.startsWith('rsa')) return;
  for (const [at, target] of targets.entries()) {
    if (target.kind !== 'acm' || target.arn === undefined) continue;
    problems.add(
      [...path, at, 'arn'],
      target.arn,
      `leave it out, or take an ECDSA key or another profile: RSA certificates of the profile ${profile} lack the key usage keyEncipherment, which ACM keeps on an ARN`,
    );
  }
}
