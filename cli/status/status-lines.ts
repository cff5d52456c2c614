import type { Cell } from '../output/columns.ts';
import { columns } from '../output/columns.ts';
import type { Paint } from '../output/paint.ts';
import { relative, utc, when } from '../output/times.ts';
import type { CertificateStatus, FailureStatus, TargetStatus } from './certificate-status.ts';

/** Letters of a version that are enough to tell it from others. */
const SHORT = 12;

const HEADER = ['CERTIFICATE', 'NAMES', 'CA', 'VERSION', 'NOT AFTER', 'DAYS', 'NEXT RENEWAL', 'STATE', 'TARGETS'];

/** The table of all certificates, and what fails below it. */
export function overviewLines(all: readonly CertificateStatus[], paint: Paint, now: number): readonly string[] {
  const header = HEADER.map((text) => ({ text, paint: paint.bold }));
  const failing = all.flatMap((one) => one.failures.map((failure) => failureLine(one.name, failure, now)));
  return [
    ...columns([header, ...all.map((one) => rowOf(one, paint, now))]),
    ...(failing.length > 0 ? ['', ...failing] : []),
  ];
}

function rowOf(one: CertificateStatus, paint: Paint, now: number): readonly Cell[] {
  const first = one.domains.find((domain) => !domain.startsWith('*')) ?? one.domains[0] ?? '';
  const others = one.domains.length - 1;
  return [
    one.name,
    others === 0 ? first : `${first} +${others}`,
    one.ca,
    one.version?.slice(0, SHORT) ?? '-',
    one.notAfter === undefined ? '-' : utc(one.notAfter),
    one.daysLeft === undefined ? '-' : String(one.daysLeft),
    one.nextRenewalAt === undefined ? '-' : when(one.nextRenewalAt, now),
    { text: stateText(one, now), paint: paintOf(one, paint) },
    one.targets.map(targetText).join(', ') || '-',
  ];
}

function paintOf({ state }: CertificateStatus, paint: Paint): (text: string) => string {
  if (state === 'failing' || state === 'at-risk') return paint.red;
  return state === 'fine' ? paint.green : paint.yellow;
}

function stateText({ state, failures, limit, runUntil }: CertificateStatus, now: number): string {
  const running = runUntil === undefined || state === 'running' ? '' : ', a run is under way';
  const since = Math.min(...failures.map((failure) => failure.since));
  if (state === 'failing') return `failing since ${relative(since, now)}${running}`;
  if (state === 'waiting-for-limit' && limit !== undefined) return `waits for ${limit.kind} until ${utc(limit.until)}`;
  return `${state.replace('-', ' ')}${running}`;
}

/** `acm proven`, or what is between it and that. */
function targetText({ id, state }: TargetStatus): string {
  return `${id} ${state.replaceAll('-', ' ')}`;
}

function failureLine(
  name: string,
  { what, code, message, since, count, nextTryAt }: FailureStatus,
  now: number,
): string {
  const next = nextTryAt === undefined ? '' : ` Next try: ${when(nextTryAt, now)}.`;
  return `${name}: ${what} fails since ${when(since, now)}, ${count} time(s), ${code}: ${message.replace(/[.\s]*$/, '')}.${next}`;
}

/** Everything about one certificate, without its attempts. */
export function detailLines(one: CertificateStatus, paint: Paint, now: number): readonly string[] {
  const limit =
    one.limit === undefined
      ? []
      : [
          [
            'waits for',
            `${one.limit.ca}'s limit ${one.limit.kind} ${one.limit.scope}, until ${when(one.limit.until, now)}`,
          ],
        ];
  const facts: readonly (readonly Cell[])[] = [
    ['certificate', { text: one.name, paint: paint.bold }],
    ['names', one.domains.join(', ')],
    ['CA', one.ca],
    ['state', { text: stateText(one, now), paint: paintOf(one, paint) }],
    ['version', one.version ?? 'none yet'],
    ['not before', one.notBefore === undefined ? '-' : when(one.notBefore, now)],
    ['not after', one.notAfter === undefined ? '-' : when(one.notAfter, now)],
    [
      one.failures.length > 0 ? 'next try' : 'next renewal',
      one.nextRenewalAt === undefined ? '-' : when(one.nextRenewalAt, now),
    ],
    ...limit,
  ];
  const targets = one.targets.map(({ id, kind, desired, proven, state }) => [
    `  ${id}`,
    kind,
    `desired ${desired?.slice(0, SHORT) ?? '-'}`,
    `proven ${proven?.slice(0, SHORT) ?? '-'}`,
    state.replaceAll('-', ' '),
  ]);
  return [
    ...columns(facts),
    '',
    'targets',
    ...columns(targets),
    ...one.failures.flatMap((failure) => ['', failureLine(one.name, failure, now)]),
  ];
}
