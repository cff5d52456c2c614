import { describe, expect, it } from 'vitest';
import { awsErrorFacts, awsFailure } from '../../../lambdas/core/aws-failure.ts';
import { StepFailure } from '../../../lambdas/core/failure.ts';

/** An error as SDK clients throw it. */
function sdkError(name: string, httpStatusCode: number | undefined, message = 'told so'): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });
}

describe('The failure that an AWS error means', () => {
  it.each([
    ['ThrottlingException', 400],
    ['ConflictException', 400],
    ['PriorRequestNotComplete', 400],
    ['ProvisionedThroughputExceededException', 400],
    ['ExpiredTokenException', 403],
    ['TooManyRequests', 429],
    ['InternalServerException', 500],
    ['ServiceUnavailable', 503],
    ['TimeoutError', undefined],
  ])('is transient for %s with status %s', (name, status) => {
    const { detail } = awsFailure(sdkError(name, status), 'Reading x');
    expect(detail).toEqual({ class: 'transient', code: name, message: `Reading x failed: ${name}: told so` });
  });

  it('is transient for what AWS did not answer', () => {
    const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    expect(awsFailure(reset, 'Reading x').detail.class).toBe('transient');
    expect(awsFailure('a text', 'Reading x').detail).toMatchObject({ class: 'transient', code: 'UnknownError' });
  });

  it.each([
    ['AccessDeniedException', 'Allow this action in the policy of the role that it names.'],
    ['LimitExceededException', 'Free what is no longer used, or ask for a higher value in Service Quotas.'],
    ['ValidationException', 'Correct what the message names; it will not pass by itself.'],
  ])('is for a person for %s, with what to do', (name, remedy) => {
    const { detail } = awsFailure(sdkError(name, 400, 'told so.'), 'Reading x');
    expect(detail).toEqual({ class: 'person', code: name, message: `Reading x failed: ${name}: told so. ${remedy}` });
  });

  it('has the remedy that the caller knows better', () => {
    const { detail } = awsFailure(sdkError('ValidationException', 400), 'Reading x', 'Call somebody.');
    expect(detail.message).toBe('Reading x failed: ValidationException: told so. Call somebody.');
  });

  it('keeps the cause, and lets a StepFailure pass', () => {
    const error = sdkError('ValidationException', 400);
    const failure = awsFailure(error, 'Reading x');
    expect(failure).toBeInstanceOf(StepFailure);
    expect(failure.cause).toBe(error);
    expect(awsFailure(failure, 'Something else')).toBe(failure);
  });

  it('L27: tells no PEM that AWS quotes, whole or cut, and no endless message', () => {
    const key = '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----';
    expect(awsErrorFacts(sdkError('X', 400, `Value '${key}' is wrong`)).message).toBe("Value '[PEM]' is wrong");
    expect(awsErrorFacts(sdkError('X', 400, `Value ${key.slice(0, 35)}`)).message).toBe('Value [PEM]');
    expect(awsErrorFacts(sdkError('X', 400, 'x'.repeat(5000))).message).toHaveLength(1000);
  });
});
