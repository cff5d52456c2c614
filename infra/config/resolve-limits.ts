import type { z } from 'zod';
import type { CaLimits, RateLimit } from '../../lambdas/core/rate-limits.ts';
import { secondsOf } from './duration.ts';
import type { ConfigPath, Problems } from './problems.ts';
import type { limitsSchema } from './schema.ts';

type WrittenLimits = z.output<typeof limitsSchema>;
type WrittenLimit = { readonly count: number; readonly per: string | number };

const DAY_MS = 86_400_000;

/** What is written about a CA's limits, on top of what is built in; undefined where there are none. */
export function resolveLimits(
  written: WrittenLimits | undefined,
  preset: CaLimits | undefined,
  path: ConfigPath,
  problems: Problems,
): CaLimits | undefined {
  if (written === undefined) return preset;
  if (written === 'none') return undefined;
  const { renewalDays, ariExempt, ...limits } = written;
  const counted = Object.entries(limits).flatMap(([kind, limit]) =>
    limit === undefined ? [] : [[kind, resolveLimit(limit, [...path, kind, 'per'], problems)] as const],
  );
  return {
    ...preset,
    ...Object.fromEntries(counted),
    ...(renewalDays === undefined ? {} : { renewalMs: renewalDays * DAY_MS }),
    ...(ariExempt === undefined ? {} : { ariExempt }),
  };
}

function resolveLimit({ count, per }: WrittenLimit, path: ConfigPath, problems: Problems): RateLimit {
  const seconds = secondsOf(per);
  if (seconds === undefined || seconds <= 0)
    problems.add(path, per, "write '3 hours', '7 days' or a number of seconds");
  return { count, windowMs: (seconds ?? 1) * 1000 };
}
