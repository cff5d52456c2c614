/** Error types that the SDK's standard strategy tries again. */
const RETRIED = new Set(['THROTTLING', 'TRANSIENT', 'SERVER_ERROR']);

type RetryToken = { getRetryCount(): number; getRetryDelay(): number };

/**
 * The SDK's standard retry strategy without its waits, which pass in real time: an AWS SDK v3 client's `retryStrategy`.
 *
 * @param maxAttempts Attempts in all, as in the client's option of that name; the SDK's default is 3.
 */
export function retriesWithoutDelay(maxAttempts = 3) {
  const token = (retries: number): RetryToken => ({ getRetryCount: () => retries, getRetryDelay: () => 0 });
  return {
    acquireInitialRetryToken: async () => token(0),
    refreshRetryTokenForRetry: async (used: RetryToken, failure: { errorType: string }) => {
      const retries = used.getRetryCount() + 1;
      if (retries >= maxAttempts || !RETRIED.has(failure.errorType)) throw new Error('No attempt is left.');
      return token(retries);
    },
    recordSuccess: () => undefined,
  };
}
