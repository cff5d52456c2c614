import type { DemoReport, ReportedCertificate } from '../demo-report.ts';
import type { CertificateName } from './config.ts';
import type { Stage } from './stage.ts';
import type { Story } from './story.ts';

export async function reportOf(stage: Stage, story: Story): Promise<DemoReport> {
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
