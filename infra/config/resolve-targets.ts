import type { z } from 'zod';
import type { Probe, TargetDeclaration } from '../../lambdas/core/target-declaration.ts';
import { CLOUDFRONT_REGION } from '../../lambdas/core/target-declaration.ts';
import { covers } from './domain-names.ts';
import type { ConfigPath, Problems } from './problems.ts';
import type { certificateSchema } from './schema.ts';

type TargetInput = NonNullable<z.output<typeof certificateSchema>['targets']>[number];

/** Targets with ids and probes, which are not judged where `domains` is empty, because some were refused; without any, ACM in the stack's own region. */
export function resolveTargets(
  targets: readonly TargetInput[],
  domains: readonly string[],
  path: ConfigPath,
  problems: Problems,
): readonly TargetDeclaration[] {
  const resolved: TargetDeclaration[] = [];
  for (const [at, input] of targets.entries()) {
    const target = resolveTarget(input, domains, [...path, at], problems);
    if (resolved.some((other) => other.kind === target.kind && placeOf(other) === placeOf(target))) {
      problems.add([...path, at], input, 'remove it, the same place is a target already');
    } else if (resolved.some(({ id }) => id === target.id)) {
      problems.add([...path, at, 'id'], target.id, 'give each target of a certificate an id of its own');
    }
    resolved.push(target);
  }
  return resolved;
}

/** An ARN, or a certificate of its own in a region. */
function placeOf({ arn, region }: TargetDeclaration): string | undefined {
  return arn ?? region;
}

function resolveTarget(
  { kind, id, region: written, arn, distributions, probe }: TargetInput,
  domains: readonly string[],
  path: ConfigPath,
  problems: Problems,
): TargetDeclaration {
  const region = written ?? arn?.split(':')[3] ?? (distributions && CLOUDFRONT_REGION);
  if (distributions !== undefined && region !== CLOUDFRONT_REGION)
    problems.add(
      [...path, 'region'],
      region,
      `write '${CLOUDFRONT_REGION}', the only region whose certificates CloudFront reads`,
    );
  if (arn !== undefined && arn.split(':')[3] !== region)
    problems.add([...path, 'arn'], arn, `name a certificate in ${region}, or leave region out`);
  return {
    id: id ?? (written === undefined ? kind : `${kind}-${written}`),
    kind,
    ...(region !== undefined && { region }),
    ...(arn !== undefined && { arn }),
    ...(distributions !== undefined && { distributions: [...new Set(distributions)].sort() }),
    probe: resolveProbe(probe, domains, [...path, 'probe'], problems),
  };
}

function resolveProbe(
  probe: TargetInput['probe'],
  domains: readonly string[],
  path: ConfigPath,
  problems: Problems,
): Probe {
  if (probe === 'control-plane' || domains.length === 0) return 'control-plane';
  const host = probe?.host ?? domains.find((domain) => !domain.startsWith('*.'));
  if (host === undefined) {
    problems.add(path, probe, "write the host to look at, or 'control-plane': a wildcard names none");
    return 'control-plane';
  }
  const servername = probe?.servername ?? host;
  if (!domains.some((domain) => covers(domain, servername))) {
    problems.add(
      [...path, 'servername'],
      servername,
      'write one of the names of the certificate, which is what is asked for',
    );
  }
  return { host, port: probe?.port ?? 443, servername };
}
