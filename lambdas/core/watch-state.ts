import { isCloser, type Level } from './at-risk.ts';
import { type Finding, type FindingKind, idOf, type Recorded } from './findings.ts';
import type { Outbox, RowKey } from './rows.ts';

const HOUR_MS = 3_600_000;

/**
 * How long something lasts before people are told: what a push mends by itself within its deadline, or a server that is away
 * for a moment, is nobody's business. Ends and revocations do not wait. Milliseconds.
 */
const PATIENCE: Readonly<Record<FindingKind, number>> = {
  expiring: 0,
  revoked: 0,
  'called-back': 3 * HOUR_MS,
  'wrong-name': 3 * HOUR_MS,
  untrusted: 3 * HOUR_MS,
  'other-certificate': 3 * HOUR_MS,
  unreachable: 3 * HOUR_MS,
};

/** A finding that lasts. */
export type OpenFinding = Finding & {
  readonly since: number;
  /** The level at which people were told; absent as long as they were not. */
  readonly toldLevel?: Level;
  /** They know from elsewhere that something fails, and will be told from there when it does no more. */
  readonly knownElsewhere?: boolean;
};

/** The watch's own row about a certificate, in its own table. */
export type WatchRow = RowKey & {
  readonly certificate: string;
  /** Counts writes: of two watches at once one gives way. */
  readonly revision: number;
  readonly findings: Readonly<Record<string, OpenFinding>>;
  readonly outbox?: Outbox;
};

/** What a look has changed. */
export type Advance = {
  readonly findings: Readonly<Record<string, OpenFinding>>;
  /** What people are to be told now. */
  readonly told: readonly OpenFinding[];
  /** Everything that they were told of is over. */
  readonly over: readonly OpenFinding[];
};

/** Carries what was known on by what is found now. */
export function advance(
  before: Readonly<Record<string, OpenFinding>>,
  found: readonly Finding[],
  recorded: Recorded | undefined,
  now: number,
): Advance {
  const next = found.map((finding) => carriedOn(before[idOf(finding)], finding, recorded, now));
  const findings = Object.fromEntries(next.map(({ open }) => [idOf(open), open]));
  const wereTold = Object.values(before).filter(({ toldLevel }) => toldLevel !== undefined);
  const areTold = Object.values(findings).some(({ toldLevel }) => toldLevel !== undefined);
  return {
    findings,
    told: next.flatMap(({ open, isNews }) => (isNews ? [open] : [])),
    over: areTold ? [] : wereTold,
  };
}

function carriedOn(
  before: OpenFinding | undefined,
  finding: Finding,
  recorded: Recorded | undefined,
  now: number,
): { readonly open: OpenFinding; readonly isNews: boolean } {
  const since = before?.since ?? now;
  const isFailing = failsOnRecord(finding, recorded);
  const isNews =
    isRipe({ ...finding, since }, now) &&
    isCloser(finding.level, before?.toldLevel) &&
    !isToldThere(finding, isFailing);
  const toldLevel = isNews ? finding.level : before?.toldLevel;
  const knownElsewhere = isNews ? isFailing : (before?.knownElsewhere ?? false);
  return { open: { ...finding, since, knownElsewhere, ...(toldLevel !== undefined && { toldLevel }) }, isNews };
}

/** Whether it has lasted longer than the watch is patient with its kind. */
export function isRipe({ kind, since }: Pick<OpenFinding, 'kind' | 'since'>, now: number): boolean {
  return now - since >= PATIENCE[kind];
}

/** Whether the row that would mend it has a failure, of which people were told when it began. */
function failsOnRecord({ place }: Finding, recorded: Recorded | undefined): boolean {
  const target = recorded?.targets.find(({ target: { id } }) => id === place);
  return recorded?.role?.failure !== undefined || target?.failure !== undefined;
}

/** A recorded failure is told again in the last twentieth by RecordFailure, and a push that fails says what is served. */
function isToldThere({ kind, level }: Finding, isFailing: boolean): boolean {
  if (!isFailing) return false;
  return kind === 'expiring' ? level === 'urgent' : kind !== 'revoked';
}
