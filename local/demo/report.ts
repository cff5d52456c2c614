import type { CertificateName } from './config.ts';
import type { Stage } from './stage.ts';
import type { Story } from './story.ts';

/** What the demo has shown, for machines. */
export type Report = {
  readonly ok: boolean;
  /** As in `pebble 2.10.1`. */
  readonly ca: string;
  readonly account: 'embedded';
  readonly certificates: readonly ReportedCertificate[];
  /** Requests as the CA got them, refused and repeated ones included. */
  readonly acme: {
    readonly requests: number;
    readonly byKind: Readonly<Record<string, number>>;
    /** Orders placed and finalizes taken: what of the requests the CA granted. */
    readonly newOrders: number;
    readonly finalizes: number;
  };
  /** Of the longest execution of each machine. */
  readonly transitions: Readonly<Record<'renewal' | 'push' | 'sweep', number>>;
  readonly seconds: number;
};

export type ReportedCertificate = {
  readonly name: string;
  readonly domains: readonly string[];
  readonly versions: number;
  /** SHA-256 of the leaf that the table calls current, lower-case hex. */
  readonly fingerprint: string;
  /** SHA-256 of the leaf that the edge shows; empty where it shows none, or several. */
  readonly servedFingerprint: string;
  readonly notAfter: string;
};

export async function reportOf(stage: Stage, story: Story): Promise<Report> {
  const { tally } = stage;
  const certificates = await Promise.all(stage.deployed.map((name) => reportCertificate(stage, name)));
  return {
    ok: story.claims.failures.length === 0,
    ca: stage.parts.ca.version,
    account: 'embedded',
    certificates,
    acme: {
      requests: tally.requests.length,
      byKind: tally.byKind(),
      newOrders: tally.granted('newOrder'),
      finalizes: tally.granted('finalize'),
    },
    transitions: { renewal: stage.longest('renewal'), push: stage.longest('push'), sweep: stage.longest('sweep') },
    seconds: story.seconds(),
  };
}

async function reportCertificate(stage: Stage, name: CertificateName): Promise<ReportedCertificate> {
  const [role, versions, seen] = await Promise.all([stage.role(name), stage.versions(name), stage.served(name)]);
  const served = new Set(seen.map((one) => ('sha256' in one ? one.sha256 : '')));
  const [first] = seen;
  const { domains } = stage.declaration(name);
  return {
    name,
    domains,
    versions: versions.length,
    fingerprint: role.version ?? '',
    servedFingerprint: served.size === 1 ? ([...served][0] ?? '') : '',
    notAfter: first !== undefined && 'notAfter' in first ? new Date(first.notAfter).toISOString() : '',
  };
}
