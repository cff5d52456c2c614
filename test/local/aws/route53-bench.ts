import {
  type ChangeAction,
  ChangeResourceRecordSetsCommand,
  Route53Client,
  type RRType,
} from '@aws-sdk/client-route-53';
import { retriesWithoutDelay } from '../../../local/aws/retries.ts';
import { Route53Account, type Route53AccountOptions } from '../../../local/aws/route53.ts';
import { type Around, connectFake } from '../../../local/aws/seam.ts';

/** A real client over a strict account, whose clock stands until it is moved. */
export function route53Bench(options: Partial<Route53AccountOptions> & { around?: Around } = {}) {
  const time = { now: Date.UTC(2026, 0, 1) };
  const { around, ...rest } = options;
  const account = new Route53Account({ now: () => time.now, ...rest });
  return { account, time, client: clientOf(account, around) };
}

/** Another client of the account, as another process would have it. */
export function clientOf(account: Route53Account, around?: Around): Route53Client {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new Route53Client({ region: 'us-east-1', credentials, retryStrategy: retriesWithoutDelay() });
  return connectFake(client, account, around);
}

export type SetInput = { name: string; type?: RRType; ttl?: number; values: readonly string[] };

/** One change as the API takes it; a TXT set with TTL 60 unless told otherwise. */
export function change(Action: ChangeAction, { name, type = 'TXT', ttl = 60, values }: SetInput) {
  const ResourceRecords = values.map((Value) => ({ Value }));
  return { Action, ResourceRecordSet: { Name: name, Type: type, TTL: ttl, ResourceRecords } };
}

export function send(client: Route53Client, HostedZoneId: string, ...Changes: ReturnType<typeof change>[]) {
  return client.send(new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes } }));
}
