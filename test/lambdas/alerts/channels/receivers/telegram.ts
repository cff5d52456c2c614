import { z } from 'zod';
import { answer, flawOf, type Receiver } from './receiver.ts';

const message = z.strictObject({
  chat_id: z.string().min(1),
  text: z.string().min(1),
  parse_mode: z.literal('HTML'),
  link_preview_options: z.strictObject({ is_disabled: z.literal(true) }),
});

type Message = z.output<typeof message>;

/** https://core.telegram.org/bots/api#html-style: tags that are known, and nothing else that looks like one. */
const HTML = /^([^<>&]|<\/?b>|&(lt|gt|amp);)*$/;

/** https://core.telegram.org/bots/api#sendmessage: 1 to 4096 characters after entities are read. */
export const TELEGRAM_RECEIVER: Receiver = {
  secret: { token: '123456789:AAabcdefghijklmnopqrstuvwxyz0123456' },
  receive: (request) => {
    if (request.url !== `https://api.telegram.org/bot${TELEGRAM_RECEIVER.secret.token}/sendMessage`)
      return no(404, 'Not Found');
    const flaw = flawOf(message, request);
    if (flaw !== undefined) return no(400, `Bad Request: ${flaw}`);
    if (!HTML.test((JSON.parse(request.body) as Message).text)) return no(400, "Bad Request: can't parse entities");
    if (TELEGRAM_RECEIVER.shown(request).length > 4096) return no(400, 'Bad Request: message is too long');
    return answer(200, { ok: true, result: { message_id: 1 } });
  },
  shown: ({ body }) =>
    (JSON.parse(body) as Message).text
      .replace(/<\/?b>/g, '')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&'),
};

const no = (error_code: number, description: string) => answer(error_code, { ok: false, error_code, description });
