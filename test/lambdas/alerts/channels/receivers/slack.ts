import { z } from 'zod';
import { answer, flawOf, type Receiver } from './receiver.ts';

// https://docs.slack.dev/reference/block-kit/blocks/header-block/
const plain = (longest: number) =>
  z.strictObject({ type: z.literal('plain_text'), text: z.string().min(1).max(longest), emoji: z.boolean() });

// https://docs.slack.dev/reference/block-kit/block-elements/link-element
const element = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: z.string().min(1) }),
  z.strictObject({ type: z.literal('link'), url: z.url().max(3000) }),
]);

const block = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('header'), text: plain(150) }),
  z.strictObject({
    type: z.literal('rich_text'),
    elements: z
      .array(z.strictObject({ type: z.literal('rich_text_section'), elements: z.array(element).min(1) }))
      .min(1),
  }),
  z.strictObject({ type: z.literal('context'), elements: z.array(plain(3000)).min(1).max(10) }),
]);

const message = z.strictObject({
  // https://docs.slack.dev/messaging/formatting-message-text/#escaping
  text: z
    .string()
    .max(40_000)
    .regex(/^([^&<>]|&amp;|&lt;|&gt;)+$/, 'an angle bracket or ampersand is not escaped'),
  blocks: z.array(block).min(1).max(50),
});

type Message = z.output<typeof message>;

/** https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/ */
export const SLACK_RECEIVER: Receiver = {
  secret: { url: 'https://hooks.slack.com/services/T0AAAAAAA/B0BBBBBBB/cccccccccccccccccccccccc' },
  receive: (request) => {
    if (request.url !== SLACK_RECEIVER.secret.url) return answer(404, 'no_service');
    const flaw = flawOf(message, request);
    return flaw === undefined ? answer(200, 'ok') : answer(400, `invalid_blocks ${flaw}`);
  },
  shown: ({ body }) => (JSON.parse(body) as Message).blocks.map(shownOf).join('\n'),
};

function shownOf(each: Message['blocks'][number]): string {
  if (each.type === 'header') return each.text.text;
  if (each.type === 'context') return each.elements.map(({ text }) => text).join('\n');
  return each.elements
    .flatMap(({ elements }) => elements)
    .map((piece) => (piece.type === 'link' ? piece.url : piece.text))
    .join('');
}
