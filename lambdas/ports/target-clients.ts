import type { AssumableRole } from '../core/dns-zones.ts';
import type { RoleCredentials } from './assumed-role.ts';
import { assumedRole } from './assumed-role.ts';

/** Where a target is, as far as its client must know. */
type Place = { readonly region?: string; readonly role?: AssumableRole };

/** What an SDK client is made with for a place; both are the Lambda's own when absent. */
export type ClientSettings = { readonly region?: string; readonly credentials?: RoleCredentials };

/** One client a place, made when it is first needed; its connections are kept. */
export function targetClients<Client>(make: (settings: ClientSettings) => Client): (place: Place) => Client {
  const clients = new Map<string, Client>();
  return ({ region, role }) => {
    const key = JSON.stringify([region, role?.roleArn, role?.externalId]);
    const client = clients.get(key) ?? make(settingsOf({ ...(region && { region }), ...(role && { role }) }));
    clients.set(key, client);
    return client;
  };
}

function settingsOf({ region, role }: Place): ClientSettings {
  return {
    ...(region !== undefined && { region }),
    ...(role !== undefined && { credentials: assumedRole(role, 'the target’s role') }),
  };
}
