import { LEVELS } from '../../lambdas/core/at-risk.ts';
import { ACTIONS, MOST_MESSAGES } from '../../lambdas/core/watch-messages.ts';
import { isRipe, type OpenFinding } from '../../lambdas/core/watch-state.ts';
import { listWatchRows } from '../../lambdas/store/watch.ts';
import { when } from '../output/times.ts';
import { type Check, type Examine, unsaid } from './check.ts';

const NAME = 'findings';

/** What is wrong with one certificate, for longer than the watch is patient. */
type Standing = { readonly certificate: string; readonly findings: readonly OpenFinding[] };

/** What the watch has found and is still so: in the words, and with the patience, of its messages. */
export const lookAtFindings: Examine = async (_desk, { places, watchTable }, now) => {
  if (watchTable === undefined) return unsaid(NAME, 'the table of its watch', places.name);
  const rows = await listWatchRows(watchTable);
  const open = rows.map(({ certificate, findings }) => ({ certificate, findings: Object.values(findings) }));
  const standing = open.flatMap((row) => ripe(row, now)).toSorted(byUrgency);
  if (standing.length === 0) return { name: NAME, ok: true, message: quiet(open.flatMap(({ findings }) => findings)) };
  return [
    ...standing.slice(0, MOST_MESSAGES).map((one) => checkOf(one, now)),
    ...others(standing.slice(MOST_MESSAGES)),
  ];
};

function ripe({ certificate, findings }: Standing, now: number): readonly Standing[] {
  const lasting = findings.filter((finding) => isRipe(finding, now));
  return lasting.length === 0 ? [] : [{ certificate, findings: lasting }];
}

function byUrgency(one: Standing, other: Standing): number {
  return urgencyOf(other) - urgencyOf(one) || one.certificate.localeCompare(other.certificate);
}

function urgencyOf({ findings }: Standing): number {
  return Math.max(...findings.map(({ level }) => LEVELS.indexOf(level)));
}

function quiet(young: readonly OpenFinding[]): string {
  const waits = young.length === 0 ? '' : `; ${young.length} finding(s) are too young for the watch to tell`;
  return `nothing is wrong where certificates are served${waits}`;
}

function checkOf({ certificate, findings }: Standing, now: number): Check {
  return {
    name: `certificate ${certificate}`,
    ok: false,
    message: findings
      .map(({ text, since }) => `${text} It is so since ${when(since, now)}.`)
      .join(' ')
      .replace(/\.$/, ''),
    remedy: [...new Set(findings.map(({ kind }) => ACTIONS[kind]))].join(' '),
  };
}

function others(rest: readonly Standing[]): readonly Check[] {
  if (rest.length === 0) return [];
  const message = `something is wrong with ${rest.length} more: ${rest.map(({ certificate }) => certificate).join(', ')}`;
  return [{ name: NAME, ok: false, message, remedy: 'What to do: docs/runbook.md, "certificates.at-risk".' }];
}
