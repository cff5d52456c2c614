import { Route53Client } from '@aws-sdk/client-route-53';
import type { AssumableRole, DeclaredZone } from '../../lambdas/core/dns-zones.ts';
import { assumedRole } from '../../lambdas/ports/assumed-role.ts';
import { retriesWithoutDelay } from '../aws/retries.ts';
import { Route53Account } from '../aws/route53.ts';
import { connectFake, type FakeAccount } from '../aws/seam.ts';
import { StsAccount, stsPlugin } from '../aws/sts.ts';
import type { Calls } from './calls.ts';
import { LOCAL_REGION } from './template-values.ts';

/** A zone that another account has, and the role through which it is reached. */
export type ForeignZone = { readonly name: string; readonly role: AssumableRole };

/** Zones of each further account begin here, so that ids are unique as AWS's are. */
const ZONES_AN_ACCOUNT = 1000;
const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

/** Route 53 in other accounts: one account a role. */
export type OtherAccounts = {
  readonly sts: StsAccount;
  readonly route53: readonly Route53Account[];
  /** As the configuration of the stack declares them. */
  readonly declaredZones: readonly DeclaredZone[];
  /** A client with the credentials of a role, by the Lambdas' own code. */
  readonly route53As: (role: AssumableRole) => Route53Client;
};

/** Makes the accounts and their zones. Their calls pass through `calls`, as `sts` and `route53`. */
export function createOtherAccounts(
  zones: readonly ForeignZone[],
  options: { readonly now: () => number; readonly insyncAfterMs?: number },
  calls: Calls,
): OtherAccounts {
  const sts = new StsAccount(options);
  const accounts = new Map<string, Route53Account>();
  const declaredZones = zones.map(({ name, role }): DeclaredZone => {
    const firstZone = ZONES_AN_ACCOUNT * (accounts.size + 1);
    const account = accounts.get(role.roleArn) ?? new Route53Account({ ...options, firstZone });
    accounts.set(role.roleArn, account);
    sts.putRole(role.roleArn, role);
    return { name, zoneId: account.createZone(name), role };
  });
  const route53As = (role: AssumableRole): Route53Client => clientAs(role, sts, accounts, calls);
  return { sts, route53: [...accounts.values()], declaredZones, route53As };
}

function clientAs(
  role: AssumableRole,
  sts: StsAccount,
  accounts: ReadonlyMap<string, Route53Account>,
  calls: Calls,
): Route53Client {
  const observed: FakeAccount = {
    call: (operation, input) => calls.pass('sts', operation, () => sts.call(operation, input)),
  };
  const client = new Route53Client({
    region: LOCAL_REGION,
    credentials: assumedRole(role, 'dns.zones', {
      clientConfig: { region: LOCAL_REGION, credentials: CREDENTIALS },
      clientPlugins: [stsPlugin(observed)],
    }),
    retryStrategy: retriesWithoutDelay(),
  });
  // The seam replaces signing, which is what asks for credentials.
  const account: FakeAccount = {
    call: async (operation, input) => {
      const { accessKeyId } = await client.config.credentials();
      return (accounts.get(sts.roleOf(accessKeyId)) ?? unknownRole(role)).call(operation, input);
    },
  };
  return connectFake(client, account, (operation, _input, act) => calls.pass('route53', operation, act));
}

function unknownRole({ roleArn }: AssumableRole): never {
  throw new Error(`no account is reached by ${roleArn}`);
}
