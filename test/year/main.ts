import { parseArgs } from 'node:util';
import type { YearFigures } from './year.ts';
import { liveYear } from './year.ts';

/** Renewal starts at a third of the lifetime; sweeps are six hours apart, and a limit may make one wait. */
const LEAST_SHARE = 0.25;

const { values } = parseArgs({
  options: { certificates: { type: 'string', default: '1000' }, days: { type: 'string', default: '365' } },
});
const certificates = wholeNumber('certificates', values.certificates);
const days = wholeNumber('days', values.days);

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`--${name} is "${text}": write a whole number above 0`);
}

function shown({ issued, renewals, refused, leastShare, uncovered, onboardedAfterDays }: YearFigures): string {
  const share = `${(leastShare * 100).toFixed(1)} % of the lifetime left at the latest renewal`;
  const onboarded = `all issued after ${onboardedAfterDays.toFixed(1)} days`;
  return `${issued} issued, ${renewals} renewals, ${refused} refused for a limit, ${uncovered} without a certificate, ${share}, ${onboarded}`;
}

const begun = Date.now();
const figures = await liveYear({
  certificates,
  days,
  onDay: (day, so) => {
    const seconds = Math.round((Date.now() - begun) / 1000);
    if (process.stderr.isTTY || day % 30 === 0)
      process.stderr.write(`\rday ${day} of ${days}, ${seconds} s: ${shown(so)}   `);
  },
});
process.stderr.write('\n');
const seconds = Math.round((Date.now() - begun) / 1000);
console.log(`${certificates} certificates, ${days} days in ${seconds} s: ${shown(figures)}`);
const holds = figures.refused === 0 && figures.uncovered === 0 && figures.leastShare >= LEAST_SHARE;
process.exitCode = holds ? 0 : 1;
