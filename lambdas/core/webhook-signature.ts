import { createHmac } from 'node:crypto';

/** HMAC-SHA256 of `<timestamp>.<body>`, hex. */
export function signature(key: string, timestamp: string, body: string): string {
  return createHmac('sha256', key).update(`${timestamp}.${body}`).digest('hex');
}

/** Headers by which a receiver that has the key knows who sent the body, and when. */
export function signedHeaders(key: string, body: string, now: number): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(now / 1000));
  return {
    'Content-Type': 'application/json',
    'Perennial-Timestamp': timestamp,
    'Perennial-Signature': `v1=${signature(key, timestamp, body)}`,
  };
}
