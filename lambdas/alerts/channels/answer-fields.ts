import type { ChannelAnswer } from './channel.ts';

/** The fields of a JSON answer; none where it is no JSON object. */
export function answerFields({ body }: Pick<ChannelAnswer, 'body'>): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}
