import type { z } from 'zod';
import type { CaSettings, CertificateDeclaration, KeyType } from '../../lambdas/core/declaration.ts';
import type { RetryPolicy } from '../../lambdas/core/retry-policy.ts';
import type { TargetDeclaration } from '../../lambdas/core/target-declaration.ts';
import { descriptorOf } from '../targets/registry.ts';
import { judgeCaUse } from './judge-ca-use.ts';
import { parsePart } from './parse.ts';
import { MAX_NAMES, PROFILE_MAX_NAMES } from './presets.ts';
import type { ConfigPath, Problems } from './problems.ts';
import { refuseLostKeyUsages } from './refuse-key-usages.ts';
import { registeredDomains } from './registered-domains.ts';
import type { KnownCas } from './resolve-cas.ts';
import { resolveDomains } from './resolve-domains.ts';
import { resolveRetry } from './resolve-retry.ts';
import { resolveTargets } from './resolve-targets.ts';
import { certificateSchema } from './schema.ts';

const DEFAULT_KEY_TYPE = 'ecdsa-p256';

type CertificateParts = z.output<typeof certificateSchema>;

/** What certificates take from the rest of the configuration. */
export type CertificateDefaults = {
  readonly known: KnownCas;
  /** What each certificate's own `retry` changes. */
  readonly retry: RetryPolicy;
  /** Hash of the DNS settings, where there are any. */
  readonly dns?: string;
};

/** One certificate, resolved; undefined when too much of it was refused to say what it is. */
export function resolveCertificate(
  input: unknown,
  path: ConfigPath,
  { known, retry, dns }: CertificateDefaults,
  problems: Problems,
): CertificateDeclaration | undefined {
  const parts = parsePart(certificateSchema, input, path, problems);
  if (parts === undefined) return undefined;
  const domains = resolveDomains(parts.domains, [...path, 'domains'], problems);
  const [first, ...others] = resolveUses(parts, path, known, problems);
  const judged = domains.length === parts.domains.length ? domains : [];
  const keyType = parts.keyType ?? DEFAULT_KEY_TYPE;
  const policy = resolveRetry(parts.retry, retry, [...path, 'retry'], problems);
  const owner = { domains: judged, retry: policy };
  const targets = resolveTargets(parts.targets ?? [{ kind: 'acm' }], owner, [...path, 'targets'], problems);
  refuseUnservable(keyType, targets, [...path, 'keyType'], problems);
  if (first === undefined) return undefined;
  refuseLostKeyUsages(keyType, [first, ...others], targets, [...path, 'targets'], problems);
  refuseTooMany(domains, [first, ...others], [...path, 'domains'], problems);
  return {
    name: parts.name,
    domains: [...domains].sort(),
    keyType,
    cas: [first, ...others],
    registeredDomains: registeredDomains(domains),
    targets,
    renewal: shareOf(parts),
    retry: policy,
    ...(dns !== undefined && { dns }),
  };
}

type CaUse = { readonly name: string; readonly profile?: string; readonly profileRequired?: boolean };

/** A CA as the certificate uses it: what it does not say of itself, the certificate says of all. */
function wantedOf(use: CertificateParts['cas'][number], parts: CertificateParts): CaUse {
  const written = typeof use === 'string' ? { name: use } : use;
  const { name, profile = parts.profile, profileRequired = parts.profileRequired } = written;
  return { name, ...(profile !== undefined && { profile }), ...(profileRequired !== undefined && { profileRequired }) };
}

function resolveUses(parts: CertificateParts, path: ConfigPath, known: KnownCas, problems: Problems): CaSettings[] {
  const resolved: CaSettings[] = [];
  for (const [at, use] of parts.cas.entries()) {
    const { name, ...wanted } = wantedOf(use, parts);
    const place = [...path, 'cas', at];
    const ca = known.get(name);
    if (!known.has(name)) problems.add(place, name, `write one of ${[...known.keys()].join(', ')}, or add it to cas`);
    if (ca === undefined) continue;
    if (resolved.some((earlier) => earlier.name === name)) problems.add(place, name, 'name each CA once');
    const [preferred] = resolved;
    if (preferred !== undefined && preferred.environment !== ca.environment) {
      problems.add(
        place,
        name,
        `keep to ${preferred.environment} CAs, as ${preferred.name} is: certificates never mix both`,
      );
    }
    judgeCaUse(ca, parts.keyType ?? DEFAULT_KEY_TYPE, place, problems);
    if (wanted.profileRequired === true && wanted.profile === undefined)
      problems.add(place, name, 'name the profile that is required, or leave profileRequired out');
    resolved.push({ ...ca, ...wanted });
  }
  return resolved;
}

function refuseUnservable(
  keyType: KeyType,
  targets: readonly TargetDeclaration[],
  path: ConfigPath,
  problems: Problems,
): void {
  for (const target of targets) {
    const { keyTypes, source = '' } = descriptorOf(target.kind).limits(target);
    if (keyTypes !== undefined && !keyTypes.includes(keyType))
      problems.add(path, keyType, `write one of ${keyTypes.join(', ')}, ${target.id} takes no other (${source})`);
  }
}

function refuseTooMany(
  domains: readonly string[],
  cas: readonly CaSettings[],
  path: ConfigPath,
  problems: Problems,
): void {
  const most = Math.min(...cas.map(({ profile }) => PROFILE_MAX_NAMES[profile ?? ''] ?? MAX_NAMES));
  if (domains.length > most) {
    problems.add(
      path,
      `${domains.length} names`,
      `split them, its CAs and profiles take at most ${most} in a certificate`,
    );
  }
}

function shareOf({ renewal }: CertificateParts): CertificateDeclaration['renewal'] {
  return renewal?.remainingShare === undefined ? {} : { remainingShare: renewal.remainingShare };
}
