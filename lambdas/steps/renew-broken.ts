import { moveRenewal } from '../store/ari.ts';
import { readRole } from '../store/certificates.ts';
import { asStepFailure } from './failures.ts';
import type { PushPorts } from './ports.ts';
import type { PushRun } from './push-run.ts';

/** What no repeat mends: the version's row, its chain or its key is lost. */
const BROKEN: readonly string[] = ['versionMissing', 'versionBroken', 'keyUnreadable', 'InvalidCiphertextException'];

/** Works with the target's version; where that is lost or broken its certificate is renewed at once, as if it had none. */
export async function orRenew<T>({ ports, target }: PushRun<PushPorts>, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const failure = asStepFailure(error);
    if (BROKEN.includes(failure.detail.code)) await renewNow(ports, target.certificate, target.desired);
    throw failure;
  }
}

async function renewNow({ table, clock }: PushPorts, certificate: string, broken: string | undefined): Promise<void> {
  const role = await readRole(table, certificate);
  const now = clock.now();
  const isAhead = role?.renewAt !== undefined && role.renewAt > now;
  if (isAhead && role.version === broken) await moveRenewal(table, role, now, now);
}
