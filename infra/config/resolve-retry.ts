import type { z } from 'zod';
import type { RetryPolicy } from '../../lambdas/core/retry-policy.ts';
import type { retrySchema } from './fields.ts';
import type { ConfigPath, Problems } from './problems.ts';

/** A retry policy over another one. */
export function resolveRetry(
  retry: z.output<typeof retrySchema> | undefined,
  base: RetryPolicy,
  path: ConfigPath,
  problems: Problems,
): RetryPolicy {
  const written = Object.entries(retry ?? {}).filter(([, value]) => value !== undefined);
  const policy: RetryPolicy = { ...base, ...Object.fromEntries(written) };
  if (written.length > 0 && policy.ceilingSeconds < policy.baseSeconds) {
    problems.add(
      [...path, 'ceilingSeconds'],
      policy.ceilingSeconds,
      `write at least baseSeconds, ${policy.baseSeconds}`,
    );
  }
  return policy;
}
