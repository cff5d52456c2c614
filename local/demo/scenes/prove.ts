import type { CertificateName } from '../config.ts';
import type { Seen } from '../handshake.ts';
import type { Stage } from '../stage.ts';
import type { Page } from '../story.ts';

/** What a certificate has cost at the CA so far. */
export type Cost = { readonly newOrders: number; readonly finalizes: number };

export function costOf(stage: Stage, name: CertificateName): Cost {
  const { domains } = stage.declaration(name);
  const count = (kind: string) => stage.tally.of(kind, domains).length;
  return { newOrders: count('newOrder'), finalizes: count('finalize') };
}

export function costSince(stage: Stage, name: CertificateName, before: Cost): Cost {
  const now = costOf(stage, name);
  return { newOrders: now.newOrders - before.newOrders, finalizes: now.finalizes - before.finalizes };
}

/** The beginning of a fingerprint, as people compare it. */
export function short(fingerprint: string): string {
  return `${fingerprint.slice(0, 16)}…`;
}

/** Subjects of the messages that people have been sent about a certificate. */
export function toldAbout(stage: Stage, name: CertificateName): readonly string[] {
  const subjects = stage.parts.account.sns.messages().map(({ subject }) => subject ?? '');
  return subjects.filter((subject) => subject.split(/[ :]+/).includes(name));
}

/** Claims, by handshakes of the demo's own, that the edge serves a certificate's current version for each of its names. */
export async function claimServed(stage: Stage, page: Page, name: CertificateName): Promise<void> {
  const { version = 'none' } = await stage.role(name);
  const seen = (await stage.served(name)).map(describe);
  const { proven } = await stage.target(name);
  const names = stage.declaration(name).domains.join(', ');
  page.claim(
    `the edge serves ${name} (${names}): ${short(version)}, which its row calls proven`,
    { served: seen.map(() => version), proven: version },
    { served: seen, proven },
  );
}

function describe(seen: Seen): string {
  if ('error' in seen) return seen.error;
  return seen.flaw === undefined ? seen.sha256 : `${seen.sha256}, but ${seen.flaw}`;
}

/** What is served now: a version, under a name that ACM gave it. */
export type Installed = { readonly version: string | undefined; readonly arn: string | undefined };

export async function installed(stage: Stage, name: CertificateName): Promise<Installed> {
  const { version } = await stage.role(name);
  return { version, arn: (await stage.target(name)).remoteId };
}

/** Claims that a newer version took the place of the one before, under the ARN that everything points at. */
export async function claimReplaced(stage: Stage, page: Page, name: CertificateName, before: Installed): Promise<void> {
  const after = await installed(stage, name);
  const isNew = after.version !== undefined && after.version !== before.version;
  page.claim(
    `${name} has a new certificate under the same ARN, …${(after.arn ?? '').slice(-12)}`,
    { isNew: true, arn: before.arn },
    { isNew, arn: after.arn },
  );
  await claimServed(stage, page, name);
}
