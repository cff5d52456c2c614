import { z } from 'zod';
import { answer, flawOf, type Receiver } from './receiver.ts';

const message = z.strictObject({
  msgtype: z.literal('text'),
  text: z.strictObject({ content: z.string().min(1) }),
});

type Message = z.output<typeof message>;

/** https://developer.work.weixin.qq.com/document/path/91770: 2048 bytes of text; everything is answered by 200. */
export const WECOM_RECEIVER: Receiver = {
  secret: { url: 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa' },
  receive: (request) => {
    if (request.url !== WECOM_RECEIVER.secret.url) return no(93000, 'invalid webhook url');
    const flaw = flawOf(message, request);
    if (flaw !== undefined) return no(40008, flaw);
    const { text } = JSON.parse(request.body) as Message;
    if (Buffer.byteLength(text.content) > 2048) return no(40058, 'text.content exceed max length 2048');
    return answer(200, { errcode: 0, errmsg: 'ok' });
  },
  shown: ({ body }) => (JSON.parse(body) as Message).text.content,
};

const no = (errcode: number, errmsg: string) => answer(200, { errcode, errmsg });
