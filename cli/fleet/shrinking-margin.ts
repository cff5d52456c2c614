import type { FleetRenewal } from './history.ts';
import type { Pattern } from './pattern.ts';

/** Renewals that must follow each other, each later in the lifetime than the one before. */
const LEAST_RENEWALS = 4;

/** The rule spreads renewals over 2 % of the lifetime; only what is more than that is later. */
const LEAST_STEP = 0.025;

/** Renewals of a certificate that end later and later, relative to the lifetime of what they replace. */
export function shrinkingMargins(renewals: readonly FleetRenewal[]): readonly Pattern[] {
  const byCertificate = Map.groupBy(renewals, ({ certificate }) => certificate);
  return [...byCertificate].flatMap(([certificate, own]) => {
    const margins = own.toSorted((a, b) => a.at - b.at).map(({ margin }) => margin);
    const last = margins.slice(-LEAST_RENEWALS);
    return last.length === LEAST_RENEWALS && isShrinking(last) ? [patternOf(certificate, last)] : [];
  });
}

function isShrinking(margins: readonly number[]): boolean {
  return margins.slice(1).every((margin, before) => (margins[before] ?? 0) - margin >= LEAST_STEP);
}

function patternOf(certificate: string, margins: readonly number[]): Pattern {
  const shares = margins.map((margin) => `${Math.round(margin * 100)} %`);
  return {
    kind: 'shrinking-margin',
    words: `${certificate} is renewed later and later: its last ${margins.length} renewals were ready with ${shares.join(', ')} of the lifetime left.`,
    remedy: `\`perennial status ${certificate}\` tells what its attempts wait for; the margin is gone at 0 %.`,
    certificates: [certificate],
  };
}
