import { isDeepStrictEqual } from 'node:util';
import type { RetryPolicy } from '../../lambdas/core/retry-policy.ts';
import type { AcmTarget, Probe, TargetDeclaration } from '../../lambdas/core/target-declaration.ts';
import { placeOf as placeOfTarget } from '../targets/place.ts';
import { descriptorOf, type TargetInput } from '../targets/registry.ts';
import { covers } from './domain-names.ts';
import type { ConfigPath, Problems } from './problems.ts';
import { resolveRetry } from './resolve-retry.ts';

/** What targets take from their certificate. */
export type TargetOwner = {
  /** Empty where some were refused: probes are not judged then. */
  readonly domains: readonly string[];
  readonly retry: RetryPolicy;
};

/** Targets with ids and probes, and the ACM targets that others need and nobody has written. */
export function resolveTargets(
  targets: readonly TargetInput[],
  owner: TargetOwner,
  path: ConfigPath,
  problems: Problems,
): readonly TargetDeclaration[] {
  const resolved: TargetDeclaration[] = [];
  for (const [at, input] of targets.entries()) {
    const target = resolveTarget(input, owner, [...path, at], problems);
    if (resolved.some((other) => placeOf(other) === placeOf(target))) {
      problems.add([...path, at], input, 'remove it, the same place is a target already');
    } else if (resolved.some(({ id }) => id === target.id)) {
      problems.add([...path, at, 'id'], target.id, 'give each target of a certificate an id of its own');
    }
    resolved.push(target);
  }
  return bindAll(resolved, path, problems);
}

/** What makes two targets the same place: all of them but how they are called, looked at and tried. */
function placeOf({ id: _id, probe: _probe, retry: _retry, ...place }: TargetDeclaration): string {
  const { kind } = place;
  return kind === 'acm' ? JSON.stringify([kind, place.arn ?? [place.region, place.role]]) : JSON.stringify(place);
}

function resolveTarget(
  input: TargetInput,
  { domains, retry }: TargetOwner,
  path: ConfigPath,
  problems: Problems,
): TargetDeclaration {
  const { suffix, resolve, servesTls } = descriptorOf(input.kind);
  const after = suffix(input);
  const base = {
    id: input.id ?? (after === undefined ? input.kind : `${input.kind}-${after}`),
    probe: resolveProbe(input.probe, servesTls ? domains : [], [...path, 'probe'], problems),
    ...(input.retry !== undefined && { retry: resolveRetry(input.retry, retry, [...path, 'retry'], problems) }),
  };
  return resolve(input, base, { path, problems });
}

/** A probe that is written is looked at wherever it leads; one that is not is the first name where TLS is served. */
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

/** Each target that binds an ARN names the ACM target that has it; one that nobody has written is added. */
function bindAll(
  written: readonly TargetDeclaration[],
  path: ConfigPath,
  problems: Problems,
): readonly TargetDeclaration[] {
  const added: AcmTarget[] = [];
  const bound = written.map((target, at) => {
    if (!('acm' in target)) return target;
    const holders = [...written, ...added].filter((other) => other.kind === 'acm');
    if (target.acm === '') {
      const holder = holders.find((other) => isBeside(other, target)) ?? acmBeside(target, holders);
      if (!holders.includes(holder)) added.push(holder);
      return { ...target, acm: holder.id };
    }
    if (!holders.some(({ id }) => id === target.acm))
      problems.add(
        [...path, at, 'acm'],
        target.acm,
        `write the id of an ACM target: ${holders.map(({ id }) => id).join(', ')}`,
      );
    return target;
  });
  return [...bound, ...added];
}

type Bound = Extract<TargetDeclaration, { acm: string }>;

function isBeside(holder: AcmTarget, { region, role }: Bound): boolean {
  return holder.region === region && isDeepStrictEqual(holder.role, role);
}

function acmBeside({ region, role }: Bound, holders: readonly AcmTarget[]): AcmTarget {
  const account = role?.roleArn.split(':')[4];
  const id = ['acm', account, region].filter(Boolean).join('-');
  const free = holders.some((other) => other.id === id) ? `${id}-bound` : id;
  return { id: free, kind: 'acm', ...placeOfTarget({ region, role }), probe: 'control-plane' };
}
