import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { answer, flawOf, type Receiver } from './receiver.ts';

const message = z.strictObject({
  msgtype: z.literal('text'),
  text: z.strictObject({ content: z.string().min(1) }),
});

/** An hour: how far the timestamp may be from the server's clock, milliseconds. */
const HOUR = 3_600_000;

/** https://open.dingtalk.com/document/robots/custom-robot-access: everything is answered by 200. */
export const DINGTALK_RECEIVER: Receiver = {
  secret: {
    url: `https://oapi.dingtalk.com/robot/send?access_token=${'d'.repeat(64)}`,
    secret: `SEC${'e'.repeat(64)}`,
  },
  receive: (request, now) => {
    const { searchParams, origin, pathname } = new URL(request.url);
    if (`${origin}${pathname}` !== 'https://oapi.dingtalk.com/robot/send') return answer(404, '');
    if (searchParams.get('access_token') !== 'd'.repeat(64)) return no(300001, 'token is not exist');
    const timestamp = searchParams.get('timestamp') ?? '';
    const secret = DINGTALK_RECEIVER.secret.secret ?? '';
    const sign = createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64');
    if (Math.abs(Number(timestamp) - now) > HOUR) return no(310000, 'invalid timestamp');
    if (searchParams.get('sign') !== sign) return no(310000, 'sign not match');
    if (Buffer.byteLength(request.body) > 20_000) return no(460101, 'message too long');
    const flaw = flawOf(message, request);
    return flaw === undefined ? answer(200, { errcode: 0, errmsg: 'ok' }) : no(40035, flaw);
  },
  shown: ({ body }) => (JSON.parse(body) as z.output<typeof message>).text.content,
};

const no = (errcode: number, errmsg: string) => answer(200, { errcode, errmsg });
