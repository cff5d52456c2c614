import type { CertificateDeclaration } from '../../lambdas/core/declaration.ts';
import { descriptorOf } from '../targets/registry.ts';
import type { ConfigPath, Problems } from './problems.ts';

type Use = { readonly certificate: string; readonly path: ConfigPath; readonly place: string };

/**
 * Refuses two certificates for one place: each would overwrite the other's for ever.
 *
 * @param positions Where each declaration stands in the configuration.
 */
export function refuseSharedPlaces(
  declarations: readonly CertificateDeclaration[],
  positions: readonly number[],
  problems: Problems,
): void {
  const owners = new Map<string, string>();
  const uses = declarations.flatMap((declaration, index) => usesOf(declaration, positions[index] ?? index));
  for (const { certificate, path, place } of uses) {
    const owner = owners.get(place) ?? certificate;
    if (owner !== certificate) problems.add(path, place, `name another one, the certificate ${owner} is served there`);
    owners.set(place, owner);
  }
}

function usesOf({ name, targets }: CertificateDeclaration, position: number): readonly Use[] {
  return targets.flatMap((target, at) =>
    Object.entries(descriptorOf(target.kind).exclusive(target)).flatMap(([field, places]) => {
      const path = ['certificates', position, 'targets', at, field];
      return places.map((place) => ({ certificate: name, path, place }));
    }),
  );
}
