import type { Log } from '../core/log.ts';
import { createLineWriter } from './powertools-log.ts';
import { createScopedLog } from './scoped-log.ts';

/** The Lambda's own log. */
export function lambdaLog(): Log {
  return createScopedLog(createLineWriter());
}
