import type { z } from 'zod';
import type { ChannelAnswer, ChannelRequest } from '../../../../../lambdas/alerts/channels/channel.ts';

/** A channel as its documentation describes it: judges a request, and answers as the service does. */
export type Receiver = {
  /** What the channel's secret holds. */
  readonly secret: Readonly<Record<string, string>>;
  readonly receive: (request: ChannelRequest, now: number) => ChannelAnswer;
  /** Everything of an accepted request that people read, without markup. */
  readonly shown: (request: ChannelRequest) => string;
};

/** An answer without headers. */
export function answer(status: number, body: string | object): ChannelAnswer {
  return { status, headers: {}, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

/** Why a JSON body is not of a schema; undefined when it is. */
export function flawOf(schema: z.ZodType, { body, headers }: ChannelRequest): string | undefined {
  if (!/^application\/json/.test(headers['Content-Type'] ?? '')) return 'the body is not declared as JSON';
  const { error } = schema.safeParse(JSON.parse(body));
  return error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
}
