import { badHours } from './bad-hours.ts';
import type { FleetHistory } from './history.ts';
import type { Pattern } from './pattern.ts';
import { sharedProblems } from './shared-problem.ts';
import { shrinkingMargins } from './shrinking-margin.ts';
import { slowZones } from './slow-zone.ts';

/** All patterns in what happened to a fleet. Pure; `now` in milliseconds since the epoch. */
export function findPatterns({ attempts, renewals }: FleetHistory, now: number): readonly Pattern[] {
  return [
    ...sharedProblems(attempts, now),
    ...slowZones(attempts, now),
    ...badHours(attempts, now),
    ...shrinkingMargins(renewals),
  ];
}
