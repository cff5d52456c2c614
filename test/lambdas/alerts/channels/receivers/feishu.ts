import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { answer, flawOf, type Receiver } from './receiver.ts';

const element = z.discriminatedUnion('tag', [
  z.strictObject({ tag: z.literal('text'), text: z.string().min(1) }),
  z.strictObject({ tag: z.literal('a'), text: z.string().min(1), href: z.url() }),
]);

const message = z.strictObject({
  timestamp: z.string().regex(/^\d{10}$/),
  sign: z.string(),
  msg_type: z.literal('post'),
  content: z.strictObject({
    post: z.strictObject({
      en_us: z.strictObject({ title: z.string().min(1), content: z.array(z.array(element).min(1)).min(1) }),
    }),
  }),
});

type Message = z.output<typeof message>;

/** https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot: 20 KB; an hour around the timestamp; always 200. */
export const FEISHU_RECEIVER: Receiver = {
  secret: {
    url: 'https://open.feishu.cn/open-apis/bot/v2/hook/01234567-89ab-cdef-0123-456789abcdef',
    secret: 'feishu-secret-0123',
  },
  receive: (request, now) => {
    if (request.url !== FEISHU_RECEIVER.secret.url)
      return no(19001, 'param invalid: incoming webhook access token invalid');
    if (Buffer.byteLength(request.body) > 20_000) return no(9499, 'request body too large');
    const flaw = flawOf(message, request);
    if (flaw !== undefined) return no(9499, `Bad Request: ${flaw}`);
    const { timestamp, sign } = JSON.parse(request.body) as Message;
    const expected = createHmac('sha256', `${timestamp}\n${FEISHU_RECEIVER.secret.secret}`).digest('base64');
    if (sign !== expected || Math.abs(Number(timestamp) * 1000 - now) > 3_600_000)
      return no(19021, 'sign match fail or timestamp is not within one hour from current time');
    return answer(200, { code: 0, data: {}, msg: 'success', StatusCode: 0, StatusMessage: 'success' });
  },
  shown: ({ body }) => {
    const { title, content } = (JSON.parse(body) as Message).content.post.en_us;
    return [title, ...content.map((line) => line.map(({ text }) => text).join(''))].join('\n');
  },
};

const no = (code: number, msg: string) => answer(200, { code, data: {}, msg });
