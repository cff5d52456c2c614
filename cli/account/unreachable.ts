import { awsErrorFacts } from '../../lambdas/core/aws-failure.ts';
import { StepFailure } from '../../lambdas/core/failure.ts';
import { CliError } from '../errors.ts';

const CREDENTIALS =
  /^(CredentialsProviderError|TokenProviderError|ExpiredToken|UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch|AuthFailure|InvalidAccessKeyId)/;
const DENIED = /^(AccessDenied|AuthorizationError|UnauthorizedOperation|NotAuthorized)/;
const NETWORK = /ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ECONNRESET|ETIMEDOUT|TimeoutError|NetworkingError/;

/** Why the account did not answer, with what to do about it: any error that the SDK or the store throws. */
export function unreachable(error: unknown, local: string | undefined): CliError {
  if (error instanceof CliError) return error;
  if (error instanceof StepFailure)
    return new CliError(error.detail.message, remedyOf(error.cause, local), { cause: error });
  const { name, message } = awsErrorFacts(error);
  const said = message === '' ? `${name} ${codeOf(error)}` : `${name}: ${message}`;
  return new CliError(`The account cannot be asked: ${said}`, remedyOf(error, local), { cause: error });
}

function remedyOf(error: unknown, local: string | undefined): string {
  const { name, message } = awsErrorFacts(error);
  if (/region is missing/i.test(message)) return 'Name a region by --region, AWS_REGION or in the profile.';
  if (CREDENTIALS.test(name))
    return 'Give credentials of the account: --profile, AWS_PROFILE, `aws sso login`, or AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY.';
  if (DENIED.test(name)) return 'docs/cli.md lists what the policy must allow.';
  if (NETWORK.test(`${name} ${message} ${codeOf(error)}`))
    return local === undefined
      ? 'Look at the network, and at --region.'
      : `--local is ${local}: start a local account there with \`npm run local\`.`;
  return 'Try again; --help says what a command needs.';
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
