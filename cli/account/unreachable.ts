import { awsErrorFacts } from '../../lambdas/core/aws-failure.ts';
import { StepFailure } from '../../lambdas/core/failure.ts';
import { CliError } from '../errors.ts';
import type { AccountChoice } from './clients.ts';

const CREDENTIALS =
  /^(CredentialsProviderError|TokenProviderError|ExpiredToken|UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch|AuthFailure|InvalidAccessKeyId)/;
const DENIED = /^(AccessDenied|AuthorizationError|UnauthorizedOperation|NotAuthorized)/;
const NETWORK = /ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ECONNRESET|ETIMEDOUT|TimeoutError|NetworkingError/;

/** Why the account did not answer, with what to do about it: any error that the SDK or the store throws. */
export function unreachable(error: unknown, choice: AccountChoice): CliError {
  if (error instanceof CliError) return error;
  if (error instanceof StepFailure)
    return new CliError(error.detail.message, remedyOf(error.cause, choice), { cause: error });
  const { name, message } = awsErrorFacts(error);
  const said = message === '' ? `${name} ${codeOf(error)}` : `${name}: ${message}`;
  return new CliError(`${placeOf(choice)}: the account cannot be asked: ${said}`, remedyOf(error, choice), {
    cause: error,
  });
}

/** What a person has said of where it is. */
function placeOf({ profile, region, local }: AccountChoice): string {
  const said = Object.entries({ profile, region, local }).find(([, value]) => value !== undefined);
  return said === undefined ? 'no --profile' : `--${said[0]} is "${said[1]}"`;
}

function remedyOf(error: unknown, { local }: AccountChoice): string {
  const { name, message } = awsErrorFacts(error);
  if (/region is missing/i.test(message)) return 'Name a region by --region, AWS_REGION or in the profile.';
  if (CREDENTIALS.test(name))
    return 'Give credentials of the account: --profile, AWS_PROFILE, `aws sso login`, or AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY.';
  if (DENIED.test(name)) return 'docs/cli.md lists what the policy must allow.';
  if (NETWORK.test(`${name} ${message} ${codeOf(error)}`))
    return local === undefined
      ? 'Look at the network, and at --region.'
      : 'Start a local account there with `npm run local`.';
  return 'Try again; --help says what a command needs.';
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
