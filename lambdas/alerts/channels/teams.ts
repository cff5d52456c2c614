import { cutText, fitJson } from '../cut.ts';
import { type HttpChannel, jsonRequest } from './channel.ts';
import { footerOf, type Piece, piecesOf } from './text.ts';

/** Teams refuses messages of more than 28 KB. https://learn.microsoft.com/en-us/connectors/teams/ */
const LONGEST_BYTES = 27_000;
const LONGEST_SUBJECT = 300;

/**
 * The webhook of a workflow of Microsoft Teams: an adaptive card. Runs of text are taken literally, other than the Markdown of
 * its text blocks.
 * https://support.microsoft.com/office/8ae491c7-0394-4861-ba59-055e33f75498
 * https://adaptivecards.io/explorer/TextRun.html
 */
export const TEAMS: HttpChannel = {
  secretFields: ['url'],
  request: (alert, { url = '' }) => {
    const subject = { ...run({ text: cutText(alert.subject, LONGEST_SUBJECT) }), weight: 'Bolder', size: 'Medium' };
    const footer = linesOf(footerOf(alert)).map((line) => line.map((each) => ({ ...each, isSubtle: true })));
    const card = (body: string) => cardOf([[subject], ...linesOf(body), ...footer]);
    return jsonRequest(url, fitJson(alert.body, LONGEST_BYTES, card));
  },
  refusal: () => undefined,
};

type Run = ReturnType<typeof run>;

function linesOf(text: string): readonly (readonly Run[])[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => piecesOf(line).map(run));
}

function run({ text, url }: Piece) {
  return { type: 'TextRun', text, ...(url !== undefined && { selectAction: { type: 'Action.OpenUrl', url } }) };
}

function cardOf(lines: readonly (readonly object[])[]): object {
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: lines.map((inlines) => ({ type: 'RichTextBlock', inlines })),
        },
      },
    ],
  };
}
