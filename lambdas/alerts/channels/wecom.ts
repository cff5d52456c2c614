import { type HttpChannel, jsonRequest } from './channel.ts';
import { errcodeRefusal } from './dingtalk.ts';
import { plainText } from './plain-text.ts';

/** https://developer.work.weixin.qq.com/document/path/91770: a text may have 2048 bytes. */
const LONGEST_BYTES = 2_048;

/** System busy; more than 20 messages a minute; too many calls at once. */
const BUSY: readonly unknown[] = [-1, 45009, 45033];

/**
 * A group robot of WeCom. Text, not its Markdown, which documents no escapes.
 * https://developer.work.weixin.qq.com/document/path/91770
 */
export const WECOM: HttpChannel = {
  secretFields: ['url'],
  request: (alert, { url = '' }) =>
    jsonRequest(url, { msgtype: 'text', text: { content: plainText(alert, LONGEST_BYTES) } }),
  refusal: (answer) => errcodeRefusal('WeCom', answer, BUSY),
};
