import type { RenewalInfo } from './ari.ts';
import { drawInstant, isSameWindow, isSane, parseRenewalInfo } from './ari.ts';
import type { AriFailure, AriRow } from './ari-rows.ts';
import type { AriTrouble } from './ari-schedule.ts';
import { askAgainAfter, askAgainAt } from './ari-schedule.ts';
import type { RenewalPolicy } from './declaration.ts';
import type { Suggestion } from './renewal.ts';

/** A window goes on putting a renewal off for so long while the CA cannot be asked. Milliseconds. */
const TRUSTED_MS = 2 * 24 * 3_600_000;

/** How a question ended: an object that may be used, or trouble. */
export type AriAnswer =
  | { readonly kind: 'told'; readonly info: RenewalInfo; readonly retryAfter?: string }
  | AriTrouble;

/** What an answer teaches: the window with the instant drawn in it, or the trouble; and when to ask again. */
export type Learned = {
  readonly window?: AriRow['window'];
  readonly drawnAt?: number;
  readonly seenAt?: number;
  readonly explanationUrl?: string;
  readonly failure?: AriFailure;
  readonly dueAt: number;
};

/** Judges what a CA sent: an object that is none, or whose window is not sane, counts as lasting trouble. */
export function judgeAnswer(
  answer: { readonly body: unknown; readonly retryAfter?: string },
  validity: { readonly notAfter: number },
): AriAnswer {
  const info = parseRenewalInfo(answer.body);
  if (info === undefined) return { kind: 'lasting', message: 'the answer has no window that can be read' };
  if (!isSane(info.window, validity)) return { kind: 'lasting', message: 'the window ends after the certificate does' };
  return { kind: 'told', info, ...(answer.retryAfter === undefined ? {} : { retryAfter: answer.retryAfter }) };
}

/** What is known after an answer. The drawn instant stays while the window does; trouble forgets nothing. */
export function learn(row: AriRow, answer: AriAnswer, now: number, random: () => number): Learned {
  if (answer.kind !== 'told') return learnTrouble(row, answer, now, random);
  const { window, explanationUrl } = answer.info;
  const kept = isSameWindow(row.window, window) ? row.drawnAt : undefined;
  return {
    window,
    drawnAt: kept ?? drawInstant(window, random),
    seenAt: now,
    ...(explanationUrl === undefined ? {} : { explanationUrl }),
    dueAt: askAgainAt(answer.retryAfter, now, random),
  };
}

function learnTrouble(row: AriRow, trouble: AriTrouble, now: number, random: () => number): Learned {
  const { window, drawnAt, seenAt, explanationUrl } = row;
  const count = (row.failure?.count ?? 0) + 1;
  return {
    ...(window === undefined ? {} : { window }),
    ...(drawnAt === undefined ? {} : { drawnAt }),
    ...(seenAt === undefined ? {} : { seenAt }),
    ...(explanationUrl === undefined ? {} : { explanationUrl }),
    failure: { at: now, count, lasting: trouble.kind === 'lasting', message: trouble.message },
    dueAt: askAgainAfter(trouble, count, now, random),
  };
}

/**
 * What the decision is told. A window may put a renewal off only while the CA stands by it, and where nobody has configured
 * when to renew; it may always bring one forward.
 */
export function suggestionOf(
  { drawnAt, seenAt = 0, failure }: Pick<Learned, 'drawnAt' | 'seenAt' | 'failure'>,
  policy: RenewalPolicy,
  now: number,
): Suggestion | undefined {
  if (drawnAt === undefined) return undefined;
  const stands = failure === undefined || (!failure.lasting && now - seenAt < TRUSTED_MS);
  return { at: drawnAt, mayDelay: stands && policy.remainingShare === undefined };
}
