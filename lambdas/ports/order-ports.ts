import type { KMSClient } from '@aws-sdk/client-kms';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createCsr } from '../acme/csr.ts';
import type { HttpSend } from '../acme/http.ts';
import { createLoggedSend } from '../acme/logged-send.ts';
import { createAcmeConnector } from '../acme/session.ts';
import { createKeyVault } from '../keys/key-vault.ts';
import { createSecrets } from '../keys/secrets.ts';
import type { OrderPorts } from '../steps/ports.ts';
import type { BaseParts, Undated } from './base-ports.ts';
import { buildBasePorts } from './base-ports.ts';
import type { DnsParts } from './dns-ports.ts';
import { buildDnsPorts } from './dns-ports.ts';
import { createLoggedPropagation } from './logged-propagation.ts';

export type OrderParts = BaseParts &
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
    ...buildBasePorts(parts),
    dns,
    propagation: createLoggedPropagation(propagation, parts.log, parts.clock),
    vault: createKeyVault({ client: parts.kms, keyArn: parts.keyArn }),
    secrets: createSecrets(parts.secretsManager),
    acme: createAcmeConnector(createLoggedSend(parts.send, parts.log, parts.clock), parts.clock),
    createCsr,
  };
}
