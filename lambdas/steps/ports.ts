import type { RenewalInfoReader } from '../acme/renewal-info.ts';
import type { AcmeConnector } from '../acme/session.ts';
import type { Log } from '../core/log.ts';
import type {
  Alerts,
  ArnParameters,
  Clock,
  DnsPublisher,
  Executions,
  FleetMetrics,
  Handshakes,
  Heartbeats,
  KeyVault,
  Propagation,
  RevocationLists,
  Secrets,
  ServedCertificate,
} from '../core/ports.ts';
import type { TargetDrivers } from '../core/target-driver.ts';
import type { WatchList } from '../core/watch-list.ts';
import type { Subscription } from '../core/watch-messages.ts';
import type { Table } from '../store/table.ts';

/** What every step has. */
export type BasePorts = {
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** A new unique id. */
  readonly newId: () => string;
  readonly table: Table;
  readonly alerts: Alerts;
  /** For people; nothing is decided from it. */
  readonly log: Log;
  /** This invocation ends then, whatever it does: milliseconds since the epoch. */
  readonly deadline: number;
};

/** Steps that start executions, or ask whether one still runs. */
export type RunPorts = BasePorts & { readonly executions: Executions };

/** CreateOrder, PollOrder, FinalizeOrder and Settle. */
export type OrderPorts = RunPorts & {
  readonly vault: KeyVault;
  readonly secrets: Secrets;
  readonly acme: AcmeConnector;
  /** A CSR for exactly these names, PEM. */
  readonly createCsr: (domains: readonly string[], privateKeyPem: string) => Promise<string>;
  readonly dns: DnsPublisher;
  readonly propagation: Propagation;
};

/** RefreshAri. */
export type AriPorts = BasePorts & { readonly renewalInfo: RenewalInfoReader };

/** RecordFailure. */
export type FailurePorts = RunPorts & { readonly dns: DnsPublisher };

/** PushTarget, of one family. */
export type PushPorts = BasePorts & {
  readonly vault: KeyVault;
  /** Those of the Lambda's family. */
  readonly drivers: TargetDrivers;
  /** Where the family's targets have ARNs that other stacks use. */
  readonly arnParameters?: ArnParameters;
};

/** ProbeTarget. */
export type ProbePorts = BasePorts & { readonly served: ServedCertificate };

/** The watch. It shares the clients' account with renewal, and nothing else that it needs to tell people. */
export type WatchPorts = Pick<BasePorts, 'clock' | 'table' | 'alerts' | 'log'> & {
  /** Its own table. */
  readonly watchTable: Table;
  /** What was deployed. */
  readonly readList: () => Promise<WatchList>;
  readonly handshakes: Handshakes;
  readonly revocations: RevocationLists;
  readonly metrics: FleetMetrics;
  /** Who is told by the topic. */
  readonly listSubscriptions: () => Promise<readonly Subscription[]>;
};

/** The second watch. It shares nothing with the stack that it watches but what is served, and what CloudWatch has of it. */
export type SecondWatchPorts = Pick<
  WatchPorts,
  'clock' | 'log' | 'readList' | 'handshakes' | 'revocations' | 'metrics' | 'listSubscriptions'
> & {
  /** Of the stack that is watched. */
  readonly readHeartbeats: () => Promise<Heartbeats>;
};
