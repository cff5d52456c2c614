import { createHmac } from 'node:crypto';
import { cutText, fitJson } from '../cut.ts';
import { answerFields } from './answer-fields.ts';
import { type HttpChannel, jsonRequest } from './channel.ts';
import { footerOf, type Piece, piecesOf } from './text.ts';

/** A request may have 20 KB. */
const LONGEST_BYTES = 19_000;
const LONGEST_TITLE = 300;

/** More than 5 messages a second or 100 a minute. */
const BUSY: readonly unknown[] = [11232];

/**
 * A custom bot of Feishu or Lark with signature verification. A post: its elements are taken literally.
 * https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
 */
export const FEISHU: HttpChannel = {
  secretFields: ['url', 'secret'],
  request: (alert, { url = '', secret = '' }, _declaration, now) => {
    const timestamp = String(Math.floor(now / 1000));
    const message = (body: string) => ({
      timestamp,
      sign: feishuSign(secret, timestamp),
      msg_type: 'post',
      content: {
        post: {
          en_us: {
            title: cutText(alert.subject, LONGEST_TITLE),
            content: [body, footerOf(alert)].flatMap(linesOf),
          },
        },
      },
    });
    return jsonRequest(url, fitJson(alert.body, LONGEST_BYTES, message));
  },
  refusal: (answer) => {
    const { code, StatusCode, msg } = answerFields(answer);
    const said = code ?? StatusCode;
    if (said === 0) return undefined;
    return {
      reason: `Feishu refused it: code ${said ?? 'missing'}, ${msg ?? 'no reason'}`,
      isBusy: BUSY.includes(said),
    };
  },
};

/** base64(HMAC-SHA256(`<seconds>\n<secret>`, nothing)): the text is the key. */
export function feishuSign(secret: string, timestamp: string): string {
  return createHmac('sha256', `${timestamp}\n${secret}`).digest('base64');
}

function linesOf(text: string): readonly (readonly object[])[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => piecesOf(line).map(elementOf));
}

function elementOf({ text, url }: Piece): object {
  return url === undefined ? { tag: 'text', text } : { tag: 'a', text, href: url };
}
