import { AcmeError } from '../acme/error.ts';
import type { CaSettings } from '../core/declaration.ts';
import { StepFailure } from '../core/failure.ts';
import type { AcmeAnswer } from '../core/problem.ts';
import type { AccountRow } from '../core/rows.ts';

/**
 * A directory that has never been read and is none, or whose TLS certificate does not hold, is a mistake in the
 * configuration; one that has worked before is the CA's side, and stays what it is.
 */
export function judgeFirstContact(error: unknown, ca: CaSettings, account: AccountRow): unknown {
  if (!(error instanceof AcmeError) || account.directory !== undefined) return error;
  const { answer } = error;
  const remedy = remedyFor(answer, ca);
  if (remedy === undefined) return error;
  const { detail } = error.toFailure();
  const message = `${detail.message.replace(/[.\s]*$/, '')}. ${ca.name} has never answered as an ACME directory. ${remedy}`;
  return new StepFailure({ ...detail, class: 'person', message }, { cause: error });
}

function remedyFor({ request, status, problem, retryAt }: AcmeAnswer, ca: CaSettings): string | undefined {
  const check = `Check cas.${ca.name}.directoryUrl, now ${ca.directoryUrl}.`;
  if (problem?.type === 'untrustedCa')
    return `${check} Where the CA is your own, give its roots in cas.${ca.name}.rootsPem.`;
  if (problem?.type === 'foreignUrl')
    return `${check} Where the CA uses several hosts, name them in cas.${ca.name}.otherHosts.`;
  if (request !== 'directory' || retryAt !== undefined) return undefined;
  const isAnswer = status >= 200 && status < 500 && status !== 408 && status !== 429;
  return isAnswer ? check : undefined;
}
