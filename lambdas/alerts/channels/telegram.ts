import type { HttpChannelDeclaration } from '../../core/channel-declaration.ts';
import { cutText } from '../cut.ts';
import { answerFields } from './answer-fields.ts';
import { type ChannelAnswer, type HttpChannel, jsonRequest } from './channel.ts';
import { escapeAngles, footerOf } from './text.ts';

/** 1 to 4096 characters, counted after the entities are read. */
const LONGEST = 4_096;
const LONGEST_AROUND = 500;

/**
 * A bot of Telegram that writes into a chat.
 * https://core.telegram.org/bots/api#sendmessage
 */
export const TELEGRAM: HttpChannel<Extract<HttpChannelDeclaration, { type: 'telegram' }>> = {
  secretFields: ['token'],
  request: (alert, { token = '' }, { chatId }) => {
    const subject = cutText(alert.subject, LONGEST_AROUND);
    const footer = cutText(footerOf(alert), LONGEST_AROUND);
    const body = cutText(alert.body, LONGEST - subject.length - footer.length - 4);
    return jsonRequest(`https://api.telegram.org/bot${encodeURIComponent(token).replace('%3A', ':')}/sendMessage`, {
      chat_id: chatId,
      parse_mode: 'HTML',
      text: `<b>${escapeAngles(subject)}</b>\n\n${escapeAngles(body)}\n\n${escapeAngles(footer)}`,
      link_preview_options: { is_disabled: true },
    });
  },
  refusal: (answer) => {
    const { ok, error_code: code, description } = answerFields(answer);
    if (ok === true) return undefined;
    const isBusy = code === 429 || Number(code) >= 500;
    return { reason: `Telegram refused it: ${code ?? 'no code'}, ${description ?? 'no reason'}`, isBusy };
  },
  retryAfter,
};

/** https://core.telegram.org/bots/api#responseparameters */
function retryAfter(answer: ChannelAnswer): number | undefined {
  const { parameters } = answerFields(answer);
  const asked =
    typeof parameters === 'object' && parameters !== null ? Reflect.get(parameters, 'retry_after') : undefined;
  return typeof asked === 'number' && asked > 0 ? asked : undefined;
}
