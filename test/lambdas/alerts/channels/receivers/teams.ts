import { z } from 'zod';
import { answer, flawOf, type Receiver } from './receiver.ts';

// https://adaptivecards.io/explorer/TextRun.html
const run = z.strictObject({
  type: z.literal('TextRun'),
  text: z.string().min(1),
  weight: z.enum(['Lighter', 'Default', 'Bolder']).optional(),
  size: z.enum(['Default', 'Small', 'Medium', 'Large', 'ExtraLarge']).optional(),
  isSubtle: z.boolean().optional(),
  selectAction: z.strictObject({ type: z.literal('Action.OpenUrl'), url: z.url() }).optional(),
});

const card = z.strictObject({
  $schema: z.literal('http://adaptivecards.io/schemas/adaptive-card.json'),
  type: z.literal('AdaptiveCard'),
  version: z.enum(['1.2', '1.3', '1.4']),
  body: z.array(z.strictObject({ type: z.literal('RichTextBlock'), inlines: z.array(run).min(1) })).min(1),
});

const message = z.strictObject({
  type: z.literal('message'),
  attachments: z
    .array(
      z.strictObject({
        contentType: z.literal('application/vnd.microsoft.card.adaptive'),
        contentUrl: z.null(),
        content: card,
      }),
    )
    .length(1),
});

/** https://learn.microsoft.com/en-us/connectors/teams/: 28 KB. A workflow accepts by 202. */
export const TEAMS_RECEIVER: Receiver = {
  secret: {
    url: 'https://prod-00.westeurope.logic.azure.com/workflows/0123456789abcdef/triggers/manual/paths/invoke?sig=abcdefghijkl',
  },
  receive: (request) => {
    if (request.url !== TEAMS_RECEIVER.secret.url) return answer(401, 'DirectApiAuthorizationRequired');
    if (Buffer.byteLength(request.body) > 28 * 1024) return answer(413, 'RequestEntityTooLarge');
    const flaw = flawOf(message, request);
    return flaw === undefined ? answer(202, '') : answer(400, flaw);
  },
  shown: ({ body }) =>
    (JSON.parse(body) as z.output<typeof message>).attachments
      .flatMap(({ content }) => content.body.map(({ inlines }) => inlines.map(({ text }) => text).join('')))
      .join('\n'),
};
