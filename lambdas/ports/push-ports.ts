import type { KMSClient } from '@aws-sdk/client-kms';
import type { TargetDrivers } from '../core/target-driver.ts';
import { createKeyVault } from '../keys/key-vault.ts';
import type { PushPorts } from '../steps/ports.ts';
import type { BaseParts, Undated } from './base-ports.ts';
import { buildBasePorts } from './base-ports.ts';

export type PushParts = BaseParts & { readonly kms: KMSClient; readonly keyArn: string };

/** Builds the ports of PushTarget for one family of targets. */
export function buildPushPorts(parts: PushParts, drivers: TargetDrivers): Undated<PushPorts> {
  return {
    ...buildBasePorts(parts),
    vault: createKeyVault({ client: parts.kms, keyArn: parts.keyArn }),
    drivers,
  };
}
