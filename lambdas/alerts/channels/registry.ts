import type { HttpChannelDeclaration } from '../../core/channel-declaration.ts';
import type { HttpChannel } from './channel.ts';
import { DINGTALK } from './dingtalk.ts';
import { FEISHU } from './feishu.ts';
import { PAGERDUTY } from './pagerduty.ts';
import { SLACK } from './slack.ts';
import { TEAMS } from './teams.ts';
import { TELEGRAM } from './telegram.ts';
import { WEBHOOK } from './webhook.ts';
import { WECOM } from './wecom.ts';

type Type = HttpChannelDeclaration['type'];

/** Every kind that is reached by HTTPS. */
const HTTP_CHANNELS: { readonly [Each in Type]: HttpChannel<Extract<HttpChannelDeclaration, { type: Each }>> } = {
  slack: SLACK,
  teams: TEAMS,
  dingtalk: DINGTALK,
  wecom: WECOM,
  feishu: FEISHU,
  telegram: TELEGRAM,
  pagerduty: PAGERDUTY,
  webhook: WEBHOOK,
};

/** How the kind of a declared channel is spoken to; each kind takes its own declarations only. */
export function httpChannelOf({ type }: HttpChannelDeclaration): HttpChannel {
  return HTTP_CHANNELS[type] as HttpChannel;
}
