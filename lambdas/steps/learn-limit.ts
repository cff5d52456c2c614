import { AcmeError } from '../acme/error.ts';
import type { CaSettings } from '../core/declaration.ts';
import { lessonOf } from '../core/limit-of-problem.ts';
import { teachLimit } from '../store/limits.ts';
import type { BasePorts } from './ports.ts';

/**
 * Does `work`; a refusal that names a limit teaches the local estimate, so that the others of its scope wait without being refused
 * themselves. The refusal is thrown all the same.
 */
export async function learning<T>(
  ports: Pick<BasePorts, 'table' | 'clock'>,
  ca: CaSettings,
  domains: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AcmeError) await learn(ports, ca, domains, error);
    throw error;
  }
}

async function learn(
  { table, clock }: Pick<BasePorts, 'table' | 'clock'>,
  ca: CaSettings,
  domains: readonly string[],
  { answer }: AcmeError,
): Promise<void> {
  const now = clock.now();
  const lesson = lessonOf(answer, ca, domains, now);
  // An estimate, no more: the refusal must reach its run whether it could be noted or not.
  if (lesson !== undefined)
    await teachLimit(table, lesson.key, lesson.limit, lesson.retryAt, now).catch(() => undefined);
}
