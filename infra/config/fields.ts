import { z } from 'zod';

/** A text that holds, or what to write instead. */
export function text(remedy: string, holds: (value: string) => boolean = (value) => value !== ''): z.ZodString {
  return z.string(remedy).refine(holds, remedy);
}

export function matching(pattern: RegExp, remedy: string): z.ZodString {
  return text(remedy, (value) => pattern.test(value));
}

export function numberBetween(low: number, high: number, what: string): z.ZodNumber {
  const remedy = `write ${what} from ${low} to ${high}`;
  return z.number(remedy).min(low, remedy).max(high, remedy);
}

export function isHttpsUrl(value: string): boolean {
  return URL.canParse(value) && new URL(value).protocol === 'https:';
}

export const region = matching(/^[a-z]{2}(-[a-z]+)+-\d$/, 'write an AWS region such as us-east-1');

export const secretName = matching(
  /^[A-Za-z0-9/_+=.@-]{1,512}$/,
  'write the name of a secret of Secrets Manager: up to 512 letters, digits and /_+=.@-',
);

export const roleArn = matching(
  /^arn:[a-z-]+:iam::\d{12}:role\/[\w+=,.@/-]+$/,
  'write the ARN of a role in the other account',
);

export const externalId = matching(/^[\w+=,.@:/-]{2,1224}$/, 'write 2 to 1224 letters, digits and +=,.@:/-');

export const retrySchema = z.strictObject({
  baseSeconds: numberBetween(1, 86_400, 'seconds').optional(),
  factor: numberBetween(1, 100, 'a factor').optional(),
  ceilingSeconds: numberBetween(1, 86_400, 'seconds').optional(),
  jitter: numberBetween(0, 1, 'a share').optional(),
  fastAttempts: numberBetween(0, 20, 'a whole number').int('write a whole number from 0 to 20').optional(),
});
