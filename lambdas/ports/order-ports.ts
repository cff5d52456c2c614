import type { KMSClient } from '@aws-sdk/client-kms';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createCsr } from '../acme/csr.ts';
import type { HttpSend } from '../acme/http.ts';
import { createLoggedSend } from '../acme/logged-send.ts';
import { createAcmeConnector } from '../acme/session.ts';
import { createKeyVault } from '../keys/key-vault.ts';
import { createSecrets } from '../keys/secrets.ts';
import type { OrderPorts } from '../steps/ports.ts';
import type { Undated } from './base-ports.ts';
import type { DnsParts } from './dns-ports.ts';
import { buildDnsPorts } from './dns-ports.ts';
import { createLoggedPropagation } from './logged-propagation.ts';
import { buildRunPorts, type RunParts } from './run-ports.ts';

export type OrderParts = RunParts &
  DnsParts & {
    readonly kms: KMSClient;
    readonly keyArn: string;
    readonly secretsManager: SecretsManagerClient;
    readonly send: HttpSend;
  };

/** Builds the ports of CreateOrder, PollOrder, FinalizeOrder and Settle. */
export function buildOrderPorts(parts: OrderParts): Undated<OrderPorts> {
  const { dns, propagation } = buildDnsPorts(parts);
  return {
    ...buildRunPorts(parts),
    dns,
    propagation: createLoggedPropagation(propagation, parts.log, parts.clock),
    vault: createKeyVault({ client: parts.kms, keyArn: parts.keyArn }),
    secrets: createSecrets(parts.secretsManager),
    acme: createAcmeConnector(createLoggedSend(parts.send, parts.log, parts.clock), parts.clock),
    createCsr,
  };
}
