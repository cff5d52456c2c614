import { StepFailure } from '../core/failure.ts';
import { PAYLOAD_SCHEMA } from '../core/step-result.ts';

/**
 * Refuses what a later version of the program has started: its definitions call its own Lambdas, so this happens only where
 * somebody has mixed the two. RecordFailure alone does not refuse: it reads no more than the row and the claim. A sweep
 * without a number is of the first release.
 *
 * @throws StepFailure of class `bug`; the row is tried again by a run of this version.
 */
export function refuseNewer({ schema = PAYLOAD_SCHEMA }: { readonly schema?: number }): void {
  if (schema <= PAYLOAD_SCHEMA) return;
  const message = `this run was started by a later version of the program: its payload has schema ${schema}, and this version reads ${PAYLOAD_SCHEMA}. Deploy the later version again; until then the row is tried by runs of this one`;
  throw new StepFailure({ class: 'bug', code: 'payloadSchema', message });
}
