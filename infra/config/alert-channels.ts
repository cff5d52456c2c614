import { z } from 'zod';
import { CHANNEL_TYPES, type ChannelDeclaration } from '../../lambdas/core/channel-declaration.ts';
import { matching } from './fields.ts';
import { parsePart } from './parse.ts';
import type { ConfigPath, Problems } from './problems.ts';

/** A Lambda's environment has 4 KB, of which each channel needs up to 400 bytes. */
const MOST_CHANNELS = 8;

const NAME = /^[a-z][a-z0-9-]{0,31}$/;
const NAME_REMEDY = 'write the name of a channel: up to 32 of a-z, 0-9 and "-", first a letter';

const CHANNELS_REMEDY = "write channels by name: { team: { type: 'slack', secret: 'perennial/slack' } }";

const secret = matching(
  /^[A-Za-z0-9/_+=.@-]{1,128}$/,
  'write the name of a secret of Secrets Manager, up to 128 letters, digits and /_+=.@-; never the URL or token itself',
);

const chatId = matching(
  /^(-?\d{1,20}|@[A-Za-z][A-Za-z0-9_]{3,63})$/,
  "write the id of the chat as text, such as '-1001234567890', or '@name' of a public one",
);

const simple = <const Type extends string>(type: Type) => z.strictObject({ type: z.literal(type), secret });

const channelSchema = z.discriminatedUnion(
  'type',
  [
    simple('slack'),
    simple('teams'),
    simple('dingtalk'),
    simple('wecom'),
    simple('feishu'),
    simple('webhook'),
    z.strictObject({ type: z.literal('telegram'), secret, chatId }),
    z.strictObject({
      type: z.literal('pagerduty'),
      secret,
      region: z.literal('eu', "write 'eu', or leave it out").optional(),
    }),
    z.strictObject({ type: z.literal('amazon-q') }),
  ],
  `write one of ${CHANNEL_TYPES.join(', ')}`,
);

/** Channels by name. */
const channelsSchema = z
  .record(z.string().regex(NAME), channelSchema, {
    // Of a key that is refused the record tells, not the key's own schema.
    error: ({ code }) => (code === 'invalid_key' ? NAME_REMEDY : CHANNELS_REMEDY),
  })
  .refine((channels) => Object.keys(channels).length <= MOST_CHANNELS, `write at most ${MOST_CHANNELS} channels`);

/** Channels as a configuration writes them. */
export type ChannelsInput = z.input<typeof channelsSchema>;

type Channels = z.output<typeof channelsSchema>;

/** Channels as they are declared, in the order of their names; every problem is told. */
export function resolveChannels(
  written: ChannelsInput | undefined,
  path: ConfigPath,
  problems: Problems,
): readonly ChannelDeclaration[] {
  const channels = written === undefined ? {} : (parsePart(channelsSchema, written, path, problems) ?? {});
  const named = Object.entries(channels).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return named.map(([name, channel]) => declarationOf(name, channel));
}

function declarationOf(name: string, channel: Channels[string]): ChannelDeclaration {
  const { type } = channel;
  if (type === 'amazon-q') return { name, type };
  const { secret: secretName } = channel;
  if (type === 'telegram') return { name, type, secretName, chatId: channel.chatId };
  if (type === 'pagerduty') return { name, type, secretName, ...(channel.region && { region: channel.region }) };
  return { name, type, secretName };
}
