import { StepFailure } from './failure.ts';

/**
 * Names that ask for another try later. The SDKs' list, without `LimitExceededException`, which for ACM and KMS is a quota
 * that only a person can raise.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
const PASSING_ERRORS = new Set([
  'BandwidthLimitExceeded',
  'ConcurrentModification',
  'ConflictException',
  'EC2ThrottledException',
  'ExpiredToken',
  'ExpiredTokenException',
  'IDPCommunicationError',
  'KMSThrottlingException',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceededException',
  'RequestInProgressException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'RequestTimeout',
  'RequestTimeoutException',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'TransactionInProgressException',
]);

const DENIED = /^(AccessDenied|AuthorizationError|UnauthorizedOperation|NotAuthorized|KMSAccessDenied)/;
const QUOTA = /(LimitExceeded|QuotaExceeded|TooManyTags)/;
const PEM_BLOCK = /-----BEGIN [\s\S]*?(-----END [^-]*-----|$)/g;
const LONGEST_MESSAGE = 1000;

/** What an AWS SDK error says, as far as its cause tells a reaction. */
export type AwsErrorFacts = { readonly name: string; readonly message: string; readonly status?: number };

/** Name, message and HTTP status of an error that an AWS SDK client threw. */
export function awsErrorFacts(error: unknown): AwsErrorFacts {
  if (!(error instanceof Error)) return { name: 'UnknownError', message: String(error) };
  const facts = { name: error.name, message: redact(error.message) };
  const status = statusOf(error);
  return status === undefined ? facts : { ...facts, status };
}

/**
 * The failure that an AWS SDK error means for a step. Throttling, conflicts, 5xx and everything that is not AWS's answer
 * (network, timeout) is `transient`; what AWS refused is for a `person`. A {@link StepFailure} passes unchanged.
 *
 * @param doing What failed, with its object, as a sentence's beginning: `Importing into arn:...`.
 * @param remedy What a person must do; a general one is named when absent.
 */
export function awsFailure(error: unknown, doing: string, remedy?: string): StepFailure {
  if (error instanceof StepFailure) return error;
  const facts = awsErrorFacts(error);
  const happened = `${doing} failed: ${facts.name}: ${facts.message}`;
  if (isPassing(facts)) {
    return new StepFailure({ class: 'transient', code: facts.name, message: happened }, { cause: error });
  }
  const message = `${happened.replace(/[.\s]*$/, '')}. ${remedy ?? generalRemedy(facts.name)}`;
  return new StepFailure({ class: 'person', code: facts.name, message }, { cause: error });
}

function isPassing(facts: AwsErrorFacts): boolean {
  if (PASSING_ERRORS.has(facts.name)) return true;
  return facts.status === undefined || facts.status >= 500 || facts.status === 429;
}

function generalRemedy(name: string): string {
  if (DENIED.test(name)) return 'Allow this action in the policy of the role that it names.';
  if (QUOTA.test(name)) return 'Free what is no longer used, or ask for a higher value in Service Quotas.';
  return 'Correct what the message names; it will not pass by itself.';
}

function statusOf(error: Error): number | undefined {
  if (!('$metadata' in error)) return undefined;
  const metadata: unknown = error.$metadata;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}

/** AWS quotes rejected input; no key may reach a message. */
function redact(message: string): string {
  return message.replace(PEM_BLOCK, '[PEM]').slice(0, LONGEST_MESSAGE);
}
