import { createHmac } from 'node:crypto';
import { fitJson } from '../cut.ts';
import { answerFields } from './answer-fields.ts';
import { type ChannelAnswer, type HttpChannel, jsonRequest, type Refusal } from './channel.ts';
import { plainText } from './plain-text.ts';

/** A robot takes a request of 20,000 bytes. */
const LONGEST_BYTES = 19_000;

/** System busy; too many messages of one robot (20 a minute, else silence for ten); of one webhook. */
const BUSY: readonly unknown[] = [-1, 130101, 410100, 90030];

/**
 * A custom robot of DingTalk whose security setting is a signature. Text, not its Markdown, which documents no escapes: names
 * such as `*.your_domain` would lose characters.
 * https://open.dingtalk.com/document/robots/custom-robot-access
 */
export const DINGTALK: HttpChannel = {
  secretFields: ['url', 'secret'],
  request: (alert, { url = '', secret = '' }, _declaration, now) => {
    const signed = new URL(url);
    signed.searchParams.set('timestamp', String(now));
    signed.searchParams.set('sign', dingTalkSign(secret, now));
    const message = (body: string) => ({
      msgtype: 'text',
      text: { content: plainText({ ...alert, body }, LONGEST_BYTES) },
    });
    return jsonRequest(signed.href, fitJson(alert.body, LONGEST_BYTES, message));
  },
  refusal: (answer) => errcodeRefusal('DingTalk', answer, BUSY),
};

/** base64(HMAC-SHA256(secret, `<milliseconds>\n<secret>`)). */
export function dingTalkSign(secret: string, now: number): string {
  return createHmac('sha256', secret).update(`${now}\n${secret}`).digest('base64');
}

/** DingTalk and WeCom answer 200 to everything: `errcode` says what it means. */
export function errcodeRefusal(who: string, answer: ChannelAnswer, busy: readonly unknown[]): Refusal | undefined {
  const { errcode, errmsg } = answerFields(answer);
  if (errcode === 0) return undefined;
  return {
    reason: `${who} refused it: errcode ${errcode ?? 'missing'}, ${errmsg ?? 'no reason'}`,
    isBusy: busy.includes(errcode),
  };
}
