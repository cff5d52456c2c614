import type { Alert } from './alert.ts';
import { sha256Hex } from './declaration.ts';

/**
 * What a message is to somebody on duty: trouble that begins, the end of that trouble, trouble whose end nobody tells, or news
 * that asks for nothing.
 */
export type Phase = 'begins' | 'ends' | 'stands' | 'news';

const PHASES: Readonly<Record<string, Phase>> = {
  'certificate.failing': 'begins',
  'certificate.push-failing': 'begins',
  'certificate.at-risk': 'begins',
  'certificates.at-risk': 'begins',
  'watch.blind': 'begins',
  'alarm.began': 'begins',
  'certificate.recovered': 'ends',
  'certificate.safe-again': 'ends',
  'certificates.safe-again': 'ends',
  'watch.sees-again': 'ends',
  'alarm.over': 'ends',
  'certificate.issued': 'news',
  'certificate.renewed': 'news',
  'certificate.pushed': 'news',
  'certificate.lifetime-changed': 'news',
  'certificate.other-chain': 'news',
  'certificate.renewal-moved': 'news',
  'account.registered-again': 'news',
  'watch.subscriptions': 'news',
  'alerts.test': 'news',
};

/** Events that end what another began. */
export const ENDS: readonly string[] = Object.keys(PHASES).filter((event) => PHASES[event] === 'ends');

/** An event that this version does not know is trouble: better told than not. */
export function phaseOf({ event }: Pick<Alert, 'event'>): Phase {
  return PHASES[event] ?? 'stands';
}

/** Begun and ended by a pair of events that name no `what` that fails. */
const WHAT: Readonly<Record<string, string>> = {
  'certificate.at-risk': 'at-risk',
  'certificate.safe-again': 'at-risk',
  'certificates.at-risk': 'at-risk',
  'certificates.safe-again': 'at-risk',
  'watch.blind': 'watch',
  'watch.sees-again': 'watch',
  'alarm.began': 'alarm',
  'alarm.over': 'alarm',
};

const LONGEST = 200;

/**
 * What the beginning and the end of one trouble have in common, and nothing else has: the stack, the certificate, and what of
 * it fails. Anything else is a thread of its own. At most 200 characters.
 */
export function threadOf({ event, certificate, facts, topicArn, id }: Alert): string {
  const isOfPair = phaseOf({ event }) === 'begins' || phaseOf({ event }) === 'ends';
  const what = isOfPair ? (WHAT[event] ?? String(facts.what ?? 'renewal')) : id;
  const thread = `perennial/${sha256Hex(topicArn).slice(0, 8)}/${certificate}/${what}`;
  return thread.length <= LONGEST ? thread : `${thread.slice(0, LONGEST - 17)}/${sha256Hex(thread).slice(0, 16)}`;
}
