import type { CaSettings, KeyType } from '../../lambdas/core/declaration.ts';
import { CA_PRESETS } from './presets.ts';
import type { ConfigPath, Problems } from './problems.ts';

/** Refuses what is known beforehand that the CA would refuse a certificate. */
export function judgeCaUse(ca: CaSettings, keyType: KeyType, path: ConfigPath, problems: Problems): void {
  const preset = CA_PRESETS[ca.name];
  if (preset?.needsExternalAccount && ca.externalAccount === undefined) {
    problems.add(
      path,
      ca.name,
      `add cas: { '${ca.name}': { externalAccount: { keyId, secretName } } } with a key from its customers' pages, which it asks for`,
    );
  }
  if (preset?.keys !== undefined && !keyType.startsWith(preset.keys)) {
    problems.add(path, ca.name, `name another CA or key type: it certifies ${preset.keys} keys only, not ${keyType}`);
  }
}
