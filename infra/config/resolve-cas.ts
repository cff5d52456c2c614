import type { z } from 'zod';
import type { CaSettings } from '../../lambdas/core/declaration.ts';
import { parsePart } from './parse.ts';
import { CA_PRESETS } from './presets.ts';
import type { Problems } from './problems.ts';
import { resolveLimits } from './resolve-limits.ts';
import { caSchema, presetSchema } from './schema.ts';

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
  for (const name of Object.keys(CA_PRESETS)) {
    known.set(name, resolvePreset(name, cas[name] ?? {}, contact, problems));
  }
  for (const [name, input] of Object.entries(cas)) {
    if (!known.has(name)) known.set(name, resolveCa(name, input, contact, problems));
  }
  return known;
}

function resolvePreset(
  name: string,
  input: unknown,
  contact: readonly string[],
  problems: Problems,
): CaSettings | undefined {
  const preset = CA_PRESETS[name];
  const parsed = parsePart(presetSchema, input, ['cas', name], problems);
  if (preset === undefined || parsed === undefined) return undefined;
  const { directoryUrl, environment } = preset;
  const limits = resolveLimits(parsed.limits, preset.limits, ['cas', name, 'limits'], problems);
  return { name, directoryUrl, environment, contact, ...accountOf(parsed), ...(limits && { limits }) };
}

function resolveCa(
  name: string,
  input: unknown,
  contact: readonly string[],
  problems: Problems,
): CaSettings | undefined {
  const parsed = parsePart(caSchema, input, ['cas', name], problems);
  if (parsed === undefined) return undefined;
  const { directoryUrl, environment, rootsPem, issuerRootsPem, otherHosts } = parsed;
  const limits = resolveLimits(parsed.limits, undefined, ['cas', name, 'limits'], problems);
  return {
    name,
    directoryUrl,
    environment,
    contact,
    ...accountOf(parsed),
    ...(limits && { limits }),
    ...(rootsPem !== undefined && { rootsPem }),
    ...(issuerRootsPem !== undefined && { issuerRootsPem }),
    ...(otherHosts !== undefined && { otherHosts }),
  };
}

/** What the account at any CA may be told of, built in or not. */
function accountOf({
  accountLabel = 'default',
  externalAccount,
  preferredIssuer,
}: z.output<typeof presetSchema>): Pick<CaSettings, 'accountLabel' | 'externalAccount' | 'preferredIssuer'> {
  return {
    accountLabel,
    ...(externalAccount && { externalAccount }),
    ...(preferredIssuer !== undefined && { preferredIssuer }),
  };
}
