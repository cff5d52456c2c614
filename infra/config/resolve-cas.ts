import type { CaSettings } from '../../lambdas/core/declaration.ts';
import { parsePart } from './parse.ts';
import { CA_PRESETS } from './presets.ts';
import type { Problems } from './problems.ts';
import { caSchema } from './schema.ts';

/** CAs by name, as certificates may name them; a CA that was refused is there without settings. */
export type KnownCas = ReadonlyMap<string, CaSettings | undefined>;

/** Presets and configured CAs, each with the contacts that its account is made with. */
export function resolveCas(
  cas: Readonly<Record<string, unknown>>,
  contactAddresses: readonly string[],
  problems: Problems,
): KnownCas {
  const contact = contactAddresses.map((address) => `mailto:${address}`);
  const known = new Map<string, CaSettings | undefined>();
  for (const [name, preset] of Object.entries(CA_PRESETS)) {
    known.set(name, { name, ...preset, accountLabel: 'default', contact });
  }
  for (const [name, input] of Object.entries(cas)) {
    if (known.has(name)) problems.add(['cas', name], input, `choose another name, ${name} is built in`);
    else known.set(name, resolveCa(name, input, contact, problems));
  }
  return known;
}

function resolveCa(
  name: string,
  input: unknown,
  contact: readonly string[],
  problems: Problems,
): CaSettings | undefined {
  const parsed = parsePart(caSchema, input, ['cas', name], problems);
  if (parsed === undefined) return undefined;
  const { directoryUrl, environment, accountLabel = 'default', rootsPem, issuerRootsPem } = parsed;
  return {
    name,
    directoryUrl,
    environment,
    accountLabel,
    contact,
    ...(rootsPem !== undefined && { rootsPem }),
    ...(issuerRootsPem !== undefined && { issuerRootsPem }),
  };
}
