import { oldVersions, type PublishedVersion } from '../core/old-versions.ts';
import type { Clock } from '../core/ports.ts';

/** Published versions of Lambdas, by the function's name. */
export interface FunctionVersions {
  /** All of them, without `$LATEST`. */
  list(functionName: string): Promise<readonly PublishedVersion[]>;
  /** Deletes one; resolves also where it is gone. */
  delete(functionName: string, version: string): Promise<void>;
}

export type PrunePorts = {
  readonly clock: Clock;
  readonly versions: FunctionVersions;
  /** Nothing is begun after it, milliseconds since the epoch. */
  readonly deadline: number;
};

/** What was pruned; what failed is left to the next deployment. */
export type Pruned = { readonly deleted: number; readonly failures: readonly string[] };

/**
 * Deletes the versions that nothing can call any more. Never throws: old versions cost a little storage, a failed deployment
 * costs more.
 *
 * @param named ARNs of the versions that definitions call now.
 */
export async function pruneVersions(named: readonly string[], ports: PrunePorts): Promise<Pruned> {
  const failures: string[] = [];
  let deleted = 0;
  for (const arn of named) {
    try {
      deleted += await pruneOne(arn, ports);
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { deleted, failures };
}

async function pruneOne(versionArn: string, { clock, versions, deadline }: PrunePorts): Promise<number> {
  const [functionName = '', named = ''] = versionArn.split(':').slice(-2);
  if (clock.now() > deadline) throw new Error(`no time was left for ${functionName}`);
  const old = oldVersions(await versions.list(functionName), named, clock.now());
  let deleted = 0;
  for (const version of old) {
    if (clock.now() > deadline) break;
    await versions.delete(functionName, version);
    deleted += 1;
  }
  return deleted;
}
