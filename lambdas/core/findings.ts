import type { AriRow } from './ari-rows.ts';
import { isCloser, type Level, levelAt } from './at-risk.ts';
import type { AddressLook, HandshakeLook, SeenLeaf } from './ports.ts';
import type { RoleRow, TargetRow } from './rows.ts';
import type { WatchedCertificate } from './watch-list.ts';

/** What can be wrong with a certificate, whatever its renewal thinks of it. */
export const FINDING_KINDS = [
  'expiring',
  'revoked',
  'called-back',
  'wrong-name',
  'untrusted',
  'other-certificate',
  'unreachable',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** One thing that is wrong at one place. */
export type Finding = {
  readonly kind: FindingKind;
  /** Id of the target; empty for the version that the table has. */
  readonly place: string;
  readonly level: Level;
  /** One sentence, with the host and address that it was seen at. */
  readonly text: string;
  /** SHA-256 of the leaf, of a revoked one. */
  readonly sha256?: string;
};

/** What the table says of a certificate. */
export type Recorded = {
  readonly role?: RoleRow;
  readonly targets: readonly TargetRow[];
  /** What its CA suggests, where its renewal is due. */
  readonly ari?: AriRow;
};

/** What one target serves, as seen now. */
export type PlaceLook = { readonly target: string; readonly look: HandshakeLook };

/** Everything that is known of a certificate when it is judged. */
export type Seen = {
  readonly watched: WatchedCertificate;
  /** Undefined where the table could not be read: then ends, names and issuers alone are judged. */
  readonly recorded?: Recorded | undefined;
  readonly looks: readonly PlaceLook[];
  /** SHA-256 of leaves that their CA has taken back. */
  readonly revoked: ReadonlySet<string>;
  readonly now: number;
};

/** All that is wrong, at most one finding a place and kind, the most urgent. */
export function findingsOf(seen: Seen): readonly Finding[] {
  const all = [...storedFindings(seen), ...seen.looks.flatMap((place) => placeFindings(seen, place))];
  return all.filter((finding, at) => all.findIndex((other) => idOf(other) === idOf(finding)) === at);
}

/** Names a finding for as long as it lasts. */
export function idOf({ kind, place }: Pick<Finding, 'kind' | 'place'>): string {
  return `${kind}@${place}`;
}

/** The current version, and what a target without handshakes was proven to hold. */
function storedFindings({ watched, recorded, now }: Seen): readonly Finding[] {
  const { role, targets = [] } = recorded ?? {};
  const stored = role === undefined ? [] : ending('', 'Its current version', role, watched, now);
  const called = calledBackBy(recorded);
  const held = targets
    .filter(({ target, retired }) => target.probe === 'control-plane' && retired !== true)
    .flatMap((row) => ending(row.target.id, `What ${row.target.id} holds`, provenValidity(row), watched, now));
  return [...stored, ...called, ...held];
}

/**
 * A CA that still suggests a time that is over wants the certificate replaced at once, mostly because it is about to revoke it
 * (RFC 9773 section 4.2).
 */
function calledBackBy(recorded: Recorded | undefined): readonly Finding[] {
  const { ari, role } = recorded ?? {};
  const { window, seenAt = 0, explanationUrl } = ari ?? {};
  if (window === undefined || seenAt < window.end || ari?.version !== role?.version) return [];
  const why = explanationUrl === undefined ? '' : ` It says why at ${explanationUrl}.`;
  const text = `Its CA wants it replaced at once: the time that it suggests for that was over at ${new Date(window.end).toISOString()}.${why}`;
  return [{ kind: 'called-back', place: '', level: 'at-risk', text }];
}

/** Whether its CA wants it replaced at once. */
export function isCalledBack(recorded: Recorded | undefined): boolean {
  return calledBackBy(recorded).length > 0;
}

type MaybeValid = { readonly notBefore?: number; readonly notAfter?: number };

function provenValidity({ provenNotAfter, lifeMs }: TargetRow): MaybeValid {
  return provenNotAfter === undefined || lifeMs === undefined
    ? {}
    : { notBefore: provenNotAfter - lifeMs, notAfter: provenNotAfter };
}

function ending(
  place: string,
  what: string,
  { notBefore, notAfter }: MaybeValid,
  { shares }: WatchedCertificate,
  now: number,
): readonly Finding[] {
  if (notBefore === undefined || notAfter === undefined) return [];
  const level = levelAt({ notBefore, notAfter }, shares, now);
  if (level === undefined) return [];
  const ends = level === 'expired' ? 'has ended' : 'ends';
  return [{ kind: 'expiring', place, level, text: `${what} ${ends} at ${new Date(notAfter).toISOString()}.` }];
}

function placeFindings(seen: Seen, { target, look }: PlaceLook): readonly Finding[] {
  const row = seen.recorded?.targets.find((each) => each.target.id === target);
  // Nothing was ever proven there: that it is not served yet is the push's business, which tells it.
  if (seen.recorded !== undefined && row?.proven === undefined) return [];
  if ('error' in look) return [unreachable(target, look.error)];
  return mostUrgentFirst(look.addresses.flatMap((address) => addressFindings(seen, target, row, address, look.host)));
}

function mostUrgentFirst(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((a, b) => (a.level === b.level ? 0 : isCloser(a.level, b.level) ? -1 : 1));
}

function unreachable(place: string, error: string): Finding {
  return { kind: 'unreachable', place, level: 'at-risk', text: `${place} cannot be looked at: ${error}.` };
}

function addressFindings(
  { watched, revoked, now }: Seen,
  place: string,
  row: TargetRow | undefined,
  look: AddressLook,
  host: string,
): readonly Finding[] {
  if ('error' in look) return [unreachable(place, `${host} (${look.address}): ${look.error}`)];
  const { leaf } = look;
  const what = `What ${host} (${look.address}) serves`;
  const own = { place, level: 'at-risk' as const };
  const isOther = row !== undefined && leaf.sha256 !== row.proven && leaf.sha256 !== row.desired;
  const untrusted = untrustedBecause(leaf, now);
  const found: readonly (Finding | false)[] = [
    revoked.has(leaf.sha256) && {
      place,
      kind: 'revoked',
      level: 'urgent',
      text: `${what} was revoked by its CA.`,
      sha256: leaf.sha256,
    },
    !leaf.coversName && { ...own, kind: 'wrong-name', text: `${what} is for ${namesOf(leaf)}.` },
    untrusted !== undefined && { ...own, kind: 'untrusted', text: `${what} is not trusted: ${untrusted}.` },
    isOther && { ...own, kind: 'other-certificate', text: `${what} is not what was put there: it is ${leaf.sha256}.` },
  ];
  return [...ending(place, what, leaf, watched, now), ...found.filter((finding) => finding !== false)];
}

function untrustedBecause({ untrusted, issuerNotAfter }: SeenLeaf, now: number): string | undefined {
  if (untrusted !== undefined || issuerNotAfter === undefined || issuerNotAfter > now) return untrusted;
  return `the certificate of its issuer has ended at ${new Date(issuerNotAfter).toISOString()}`;
}

function namesOf({ names }: SeenLeaf): string {
  const shown = names.slice(0, 5).join(', ') || 'no name at all';
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}
