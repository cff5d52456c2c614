import { cutText } from '../cut.ts';
import { type HttpChannel, jsonRequest } from './channel.ts';
import { escapeAngles, footerOf, piecesOf } from './text.ts';

// https://docs.slack.dev/reference/block-kit/blocks/header-block/, and of a section's text, which is the strictest.
const LONGEST_HEADER = 150;
const LONGEST_TEXT = 3_000;

/**
 * An incoming webhook of Slack. The body is rich text, whose elements are taken literally: mrkdwn knows no way to write `*` or
 * `_` for themselves.
 * https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/
 */
export const SLACK: HttpChannel = {
  secretFields: ['url'],
  request: (alert, { url = '' }) =>
    jsonRequest(url, {
      // What notifications show; it is mrkdwn.
      text: escapeAngles(cutText(alert.subject, LONGEST_TEXT)),
      blocks: [
        { type: 'header', text: plain(cutText(alert.subject, LONGEST_HEADER)) },
        {
          type: 'rich_text',
          elements: [
            { type: 'rich_text_section', elements: piecesOf(cutText(alert.body, LONGEST_TEXT)).map(elementOf) },
          ],
        },
        { type: 'context', elements: [plain(cutText(footerOf(alert), LONGEST_TEXT))] },
      ],
    }),
  refusal: ({ body }) =>
    body.trim() === 'ok' ? undefined : { reason: `Slack did not answer "ok" but ${body}`, isBusy: false },
};

function plain(text: string) {
  return { type: 'plain_text', text, emoji: false };
}

function elementOf({ text, url }: { readonly text: string; readonly url?: string }) {
  return url === undefined ? { type: 'text', text } : { type: 'link', url };
}
