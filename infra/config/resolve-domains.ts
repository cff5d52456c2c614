import { covers, normalizeDomain } from './domain-names.ts';
import type { ConfigPath, Problems } from './problems.ts';

/** Names in the order written, normalised; problems are told by the place where each was written. */
export function resolveDomains(domains: readonly string[], path: ConfigPath, problems: Problems): readonly string[] {
  const names: string[] = [];
  for (const [at, written] of domains.entries()) {
    const normalized = normalizeDomain(written);
    if ('remedy' in normalized) problems.add([...path, at], written, normalized.remedy);
    else if (names.includes(normalized.name))
      problems.add([...path, at], written, 'remove it, the name is there already');
    else names.push(normalized.name);
  }
  refuseRedundant(names, domains, path, problems);
  return names;
}

/** CAs refuse a name beside a wildcard that covers it. */
function refuseRedundant(
  names: readonly string[],
  domains: readonly string[],
  path: ConfigPath,
  problems: Problems,
): void {
  for (const name of names) {
    const wildcard = names.find((other) => other !== name && covers(other, name));
    if (wildcard !== undefined) problems.add(path, domains, `remove ${name}, which ${wildcard} covers`);
  }
}
