import type { Level } from './at-risk.ts';
import type { Recorded } from './findings.ts';
import { buildMessage, iso } from './messages.ts';
import type { OutboxMessage } from './rows.ts';
import type { OpenFinding } from './watch-state.ts';

/** Above this many certificates at once people get one message about all of them; machines get an event each. */
export const MOST_MESSAGES = 5;

/** An overdue renewal that nobody starts: sweeps come more often than this. Milliseconds. */
const NOT_STARTED_MS = 2 * 3_600_000;

const HEADLINES: Readonly<Record<Level, string>> = {
  'at-risk': 'is at risk',
  urgent: 'is at risk and urgent',
  expired: 'has ended',
};

/** Where what is served is not as it should be, or its end is near: told. */
export function atRiskMessage(
  certificate: string,
  told: readonly OpenFinding[],
  recorded: Recorded | undefined,
  at: number,
): OutboxMessage {
  const level = worstOf(told);
  const about = told.map(({ kind, place, level, since }) => `${kind}@${place} ${level} ${since}`).join(' ');
  return buildMessage('certificate.at-risk', true, certificate, about, at, {
    subject: `Perennial: ${certificate} ${headlineOf(told, level)}`,
    body: [
      ...told.map(({ text, since }) => (since === at ? text : `${text} It is so since ${iso(since)}.`)),
      ...standingOf(recorded, at),
      ...[...new Set(told.map(({ kind }) => ACTIONS[kind]))],
    ],
    facts: {
      level,
      kinds: [...new Set(told.map(({ kind }) => kind))].join(', '),
      places: [...new Set(told.flatMap(({ place }) => (place === '' ? [] : [place])))].join(', '),
      since: Math.min(...told.map(({ since }) => since)),
    },
  });
}

function worstOf(told: readonly OpenFinding[]): Level {
  const levels = told.map(({ level }) => level);
  if (levels.includes('expired')) return 'expired';
  return levels.includes('urgent') ? 'urgent' : 'at-risk';
}

function headlineOf(told: readonly OpenFinding[], level: Level): string {
  if (told.some(({ kind }) => kind === 'revoked')) return 'was revoked and is still served';
  if (told.every(({ kind }) => kind === 'unreachable')) return 'cannot be looked at';
  if (told.every(({ kind }) => kind === 'called-back')) return 'is called back by its CA';
  return HEADLINES[level];
}

/** What to do about each kind of finding. */
export const ACTIONS: Readonly<Record<OpenFinding['kind'], string>> = {
  expiring: 'What to do: docs/runbook.md, "certificate.at-risk".',
  revoked:
    'Perennial renews it at once. Ask the CA why, and whether its key has become known: docs/runbook.md, "revoked".',
  'called-back':
    'The next sweep renews it; where none does, it may be revoked while it is served: docs/runbook.md, "called-back".',
  'wrong-name': 'A person must look at what is configured at that host: docs/runbook.md, "wrong-name".',
  untrusted: 'A person must look at which chain that host sends: docs/runbook.md, "untrusted".',
  'other-certificate':
    'Perennial has pushed its own again, which did not change it: something else puts a certificate there. docs/runbook.md, "other-certificate".',
  unreachable: 'A person must look whether that host is up and its probe right: docs/runbook.md, "unreachable".',
};

/** What renewal thinks of it. */
function standingOf(recorded: Recorded | undefined, at: number): readonly string[] {
  if (recorded === undefined) return ['The table cannot be read, so this is judged by ends, names and issuers alone.'];
  const { role } = recorded;
  if (role === undefined) return [];
  if (role.failure !== undefined)
    return [`Its renewal fails since ${iso(role.failure.since)}: ${role.failure.message}`, ...nextTry(role.dueAt)];
  const isRunning = (role.runUntil ?? 0) > at;
  if (!isRunning && role.dueAt !== undefined && role.dueAt < at - NOT_STARTED_MS)
    return [`Its renewal is due since ${iso(role.dueAt)} and nothing starts it: see whether the schedule is enabled.`];
  return nextTry(role.dueAt);
}

function nextTry(dueAt: number | undefined): readonly string[] {
  return dueAt === undefined ? [] : [`Perennial tries next at ${iso(dueAt)}.`];
}

/** All that was told of a certificate is over; told to people unless the end of a recorded failure says it already. */
export function safeAgainMessage(certificate: string, over: readonly OpenFinding[], at: number): OutboxMessage {
  const about = over.map(({ kind, place, since }) => `${kind}@${place} ${since}`).join(' ');
  const isNews = !over.every(({ knownElsewhere }) => knownElsewhere === true);
  return buildMessage('certificate.safe-again', isNews, certificate, about, at, {
    subject: `Perennial: ${certificate} is safe again`,
    body: [
      `What was wrong with "${certificate}" is no more. Nothing is to be done.`,
      ...over.map(({ text, since }) => `Since ${iso(since)}: ${text}`),
    ],
    facts: { kinds: [...new Set(over.map(({ kind }) => kind))].join(', ') },
  });
}

/** Many at once, all of one event: one message for people instead of one for each. */
export function manyMessage(messages: readonly OutboxMessage[], at: number): OutboxMessage {
  const names = messages.map(({ certificate }) => certificate).toSorted();
  const isOver = messages.every(({ event }) => event === 'certificate.safe-again');
  const event = isOver ? 'certificates.safe-again' : 'certificates.at-risk';
  return buildMessage(event, true, `${names.length} certificates`, names.join(' '), at, {
    subject: `Perennial: ${names.length} certificates ${isOver ? 'are safe again' : 'need a look'}`,
    body: [
      isOver
        ? 'What was wrong with them is no more. Nothing is to be done.'
        : `So many at once have one cause more often than many: ${causeOf(messages)}.`,
      ...messages.slice(0, 100).map(({ subject }) => subject.replace(/^Perennial: /, '- ')),
      ...(messages.length > 100 ? [`and ${messages.length - 100} more`] : []),
      ...(isOver ? [] : ['Each is an event of its own. What to do: docs/runbook.md, "certificates.at-risk".']),
    ],
    facts: { count: names.length },
  });
}

function causeOf(messages: readonly OutboxMessage[]): string {
  return [...new Set(messages.map(({ detail }) => String(detail.kinds)))].join('; ');
}

/** The watch has lost its sight of the table, or has it again: told. */
export function sightMessage(reason: string | undefined, since: number, at: number): OutboxMessage {
  if (reason !== undefined)
    return buildMessage('watch.blind', true, 'the table', `blind ${since}`, at, {
      subject: 'Perennial: the watch cannot read the table',
      body: [
        `The watch cannot read the table: ${reason}`,
        'It goes on without it and judges what is served by ends, names and issuers alone. Renewal needs the table, too.',
        'A person must look: docs/runbook.md, "watch.blind".',
      ],
      facts: { since },
    });
  return buildMessage('watch.sees-again', true, 'the table', `sees ${since}`, at, {
    subject: 'Perennial: the watch reads the table again',
    body: [`The table can be read again, after it could not since ${iso(since)}. Nothing is to be done.`],
    facts: { since },
  });
}

/** One who is told, and whether they have agreed to it. */
export type Subscription = { readonly protocol: string; readonly endpoint: string; readonly confirmed: boolean };

/** What is watched; `isFirst` where nobody was told before. */
export type WatchedFacts = {
  readonly certificates: number;
  readonly isFirst: boolean;
  readonly next?: { readonly name: string; readonly at: number };
};

/** Who is told has changed, or is known for the first time: told, with what is watched and what is due next. */
export function subscriptionsMessage(
  subscriptions: readonly Subscription[],
  { certificates, isFirst, next }: WatchedFacts,
  at: number,
): OutboxMessage {
  const line = ({ protocol, endpoint }: Subscription): string => `${protocol} ${endpoint}`;
  const lines = subscriptions.map((each) => `${line(each)}${each.confirmed ? '' : ' (not confirmed)'}`).toSorted();
  const waiting = subscriptions.filter(({ confirmed }) => !confirmed).map(line);
  return buildMessage('watch.subscriptions', true, 'alerts', `${lines.join(' ')} ${at}`, at, {
    subject: isFirst ? 'Perennial: who is told, and what is watched' : 'Perennial: who is told has changed',
    body: [
      `Perennial watches ${certificates} certificate(s).`,
      ...(next === undefined ? [] : [`The next to be renewed is "${next.name}", at ${iso(next.at)}.`]),
      `Told are: ${lines.join('; ') || 'nobody by SNS'}.`,
      ...(waiting.length > 0 ? [`A person must confirm, by the link in a mail of AWS: ${waiting.join('; ')}.`] : []),
    ],
    facts: { certificates, subscriptions: lines.length, unconfirmed: waiting.length },
  });
}
