import type { ChannelDeclaration } from '../../lambdas/core/channel-declaration.ts';
import type { CertificateDeclaration } from '../../lambdas/core/declaration.ts';
import type { DeclaredZone } from '../../lambdas/core/dns-zones.ts';

/** Where challenges are published, and where the authoritative answers are looked for if that is not the public DNS. */
export type DnsSettings = {
  /** Hosted zones by name; those of the account that are not declared are found. */
  readonly zones?: readonly DeclaredZone[];
  /** Names that CNAMEs of challenges lead to, beside `_acme-challenge.*`: `name` or `*.name`. */
  readonly delegations?: readonly string[];
  /** Address (`ip` or `ip:port`) by name server host; `*` stands for all that are not named. */
  readonly nameServers?: Readonly<Record<string, string>>;
  /** Recursive servers (`ip:port`) to ask instead of the system's. */
  readonly resolvers?: readonly string[];
};

/** Who is told, by SNS and by channels; all empty when nobody is. */
export type AlertSubscriptions = {
  readonly email: readonly string[];
  readonly https: readonly string[];
  /** ARNs of queues whose own policies admit the topic. */
  readonly sqs: readonly string[];
  /** Where there are any. */
  readonly channels?: readonly ChannelDeclaration[];
};

/** A validated configuration with every default filled in: all that infra, CLI and the local accounts read. */
export type ResolvedConfig = {
  readonly declarations: readonly CertificateDeclaration[];
  /** Seconds between two sweeps; whole minutes. */
  readonly checkIntervalSeconds: number;
  readonly dns: DnsSettings;
  readonly alerts: AlertSubscriptions;
  /** This deployment may retire more than one certificate and more than a tenth of all, even all. */
  readonly allowRetire?: boolean;
  /** Imports a year that ACM takes in each of the places, where AWS has granted more than by default. */
  readonly acmImportQuota?: number;
  /** Another region, from which a second stack watches this one. */
  readonly watchRegion?: string;
};
