import type { AriAnswer, Learned } from '../core/ari-answer.ts';
import { learn, suggestionOf } from '../core/ari-answer.ts';
import type { AriRow } from '../core/ari-rows.ts';
import { certIdOf } from '../core/cert-id.ts';
import type { CaSettings } from '../core/declaration.ts';
import type { Validity } from '../core/renewal.ts';
import { renewAtOf, renewalInstant } from '../core/renewal.ts';
import type { CertificateRow, RoleRow, RowKey, VersionRow } from '../core/rows.ts';
import { certificateNameOf } from '../core/rows.ts';
import { askAbout, moveRenewal, readAri, saveAri } from '../store/ari.ts';
import { readCertificate, readRole, readVersion } from '../store/certificates.ts';
import type { AskCa } from './ask-ca.ts';
import type { TellExplanation } from './explanations.ts';
import type { BasePorts } from './ports.ts';

/** What one refresh needs: the ports, and what the invocation's refreshes share. */
export type RefreshTools = {
  readonly ports: Pick<BasePorts, 'clock' | 'log' | 'random' | 'table'>;
  readonly ask: AskCa;
  readonly tell: TellExplanation;
};

/** A version that its CA can be asked about. */
type Subject = {
  readonly role: RoleRow;
  readonly certificate: CertificateRow;
  readonly version: VersionRow;
  readonly validity: Validity;
};

/**
 * Asks a CA about the version a role has and lets the answer move the renewal. The draw is stored before the role is moved,
 * and the row stays due until both are done. Whether a renewal is due because of it.
 */
export async function refreshOne(tools: RefreshTools, key: RowKey): Promise<boolean> {
  const { table, clock } = tools.ports;
  const now = clock.now();
  const row = await readAri(table, certificateNameOf(key));
  if (row?.dueAt === undefined || row.dueAt > now) return false;
  const role = await readRole(table, row.certificate);
  if (role?.version !== undefined && role.version !== row.version) {
    await askAbout(table, role, now);
    return false;
  }
  const subject = role === undefined ? undefined : await subjectOf(tools, role, now);
  const certId = subject === undefined ? undefined : (row.certId ?? certIdOf(subject.version.chainPem));
  if (subject === undefined || certId === undefined) {
    await saveAri(table, row, { dueAt: undefined });
    return false;
  }
  const ca = caOf(subject);
  const answer = ca === undefined ? NOT_DECLARED : await tools.ask(ca, certId, subject.validity);
  return apply(tools, row, certId, subject, answer);
}

const NOT_DECLARED: AriAnswer = { kind: 'lasting', message: 'the CA that issued it is not declared any more' };

/** Nothing is asked for a certificate that is retired, was never issued, or has ended (its renewal is overdue anyway). */
async function subjectOf({ ports }: RefreshTools, role: RoleRow, now: number): Promise<Subject | undefined> {
  const { version: sha256, notBefore, notAfter } = role;
  if (sha256 === undefined || notBefore === undefined || notAfter === undefined || now >= notAfter) return undefined;
  const certificate = await readCertificate(ports.table, role.certificate);
  if (certificate === undefined || certificate.retired) return undefined;
  const version = await readVersion(ports.table, role.certificate, sha256);
  return version === undefined ? undefined : { role, certificate, version, validity: { notBefore, notAfter } };
}

function caOf({ certificate, version }: Subject): CaSettings | undefined {
  const { account } = version;
  return certificate.declaration.cas.find(
    ({ directoryUrl, accountLabel }) => account?.directoryUrl === directoryUrl && account.label === accountLabel,
  );
}

async function apply(
  tools: RefreshTools,
  row: AriRow,
  certId: string,
  { role, certificate, version, validity }: Subject,
  answer: AriAnswer,
): Promise<boolean> {
  const { table, clock, random } = tools.ports;
  const now = clock.now();
  const policy = certificate.declaration.renewal;
  const defaultAt = row.defaultAt ?? role.renewAt ?? renewAtOf(validity, policy, random);
  const learned = learn(row, answer, now, random);
  const renewAt = Math.round(renewalInstant(validity, defaultAt, suggestionOf(learned, policy, now)));
  const drawn = isDrawnAnew(row, learned) || row.defaultAt === undefined;
  const stored = drawn ? await saveAri(table, row, { ...drawOf(learned), certId, defaultAt }) : row;
  if (stored === undefined) return false;
  if (isToBeMoved(role, renewAt)) await moveRenewal(table, role, renewAt, now);
  if (learned.explanationUrl !== undefined && learned.explanationUrl !== row.explanationUrl)
    await tools.tell(version, { ...learned, explanationUrl: learned.explanationUrl }, renewAt);
  const { seenAt, explanationUrl, failure, dueAt } = learned;
  await saveAri(table, stored, { seenAt, explanationUrl, failure, dueAt });
  return renewAt <= now && role.renewAt !== renewAt;
}

function isDrawnAnew(row: AriRow, { drawnAt }: Learned): boolean {
  return drawnAt !== row.drawnAt;
}

function drawOf({ window, drawnAt }: Learned): Pick<Learned, 'window' | 'drawnAt'> {
  return { ...(window === undefined ? {} : { window }), ...(drawnAt === undefined ? {} : { drawnAt }) };
}

/** Also where a run that was in flight has put back an older instant. */
function isToBeMoved({ renewAt, dueAt, tries }: RoleRow, wanted: number): boolean {
  return renewAt !== wanted || (tries === 0 && dueAt !== undefined && dueAt > wanted);
}
