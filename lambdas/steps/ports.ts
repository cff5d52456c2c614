import type { RenewalInfoReader } from '../acme/renewal-info.ts';
import type { AcmeConnector } from '../acme/session.ts';
import type {
  AcmPort,
  Alerts,
  ArnParameters,
  Clock,
  CloudFrontPort,
  DnsPublisher,
  Executions,
  KeyVault,
  Propagation,
  Secrets,
  ServedCertificate,
} from '../core/ports.ts';
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
  readonly executions: Executions;
  /** This invocation ends then, whatever it does: milliseconds since the epoch. */
  readonly deadline: number;
};

/** CreateOrder, PollOrder, FinalizeOrder and Settle. */
export type OrderPorts = BasePorts & {
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
export type FailurePorts = BasePorts & { readonly dns: DnsPublisher };

/** PushTarget. */
export type PushPorts = BasePorts & {
  readonly vault: KeyVault;
  /** ACM in a region; the stack's own when absent. */
  readonly acm: (region: string | undefined) => AcmPort;
  readonly cloudFront: CloudFrontPort;
  readonly arnParameters: ArnParameters;
};

/** ProbeTarget. */
export type ProbePorts = BasePorts & { readonly served: ServedCertificate };
