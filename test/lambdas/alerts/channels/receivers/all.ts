import type { HttpChannelDeclaration } from '../../../../../lambdas/core/channel-declaration.ts';
import { DINGTALK_RECEIVER } from './dingtalk.ts';
import { FEISHU_RECEIVER } from './feishu.ts';
import { PAGERDUTY_RECEIVER } from './pagerduty.ts';
import type { Receiver } from './receiver.ts';
import { SLACK_RECEIVER } from './slack.ts';
import { TEAMS_RECEIVER } from './teams.ts';
import { TELEGRAM_RECEIVER } from './telegram.ts';
import { WEBHOOK_RECEIVER } from './webhook.ts';
import { WECOM_RECEIVER } from './wecom.ts';

/** A strict receiver for every kind of channel that is reached by HTTPS. */
export const RECEIVERS: Readonly<Record<HttpChannelDeclaration['type'], Receiver>> = {
  slack: SLACK_RECEIVER,
  teams: TEAMS_RECEIVER,
  dingtalk: DINGTALK_RECEIVER,
  wecom: WECOM_RECEIVER,
  feishu: FEISHU_RECEIVER,
  telegram: TELEGRAM_RECEIVER,
  pagerduty: PAGERDUTY_RECEIVER,
  webhook: WEBHOOK_RECEIVER,
};

/** Names of all of them. */
export const TYPES = Object.keys(RECEIVERS) as readonly HttpChannelDeclaration['type'][];

/** A declaration of a kind. */
export function declarationOf(type: HttpChannelDeclaration['type']): HttpChannelDeclaration {
  const common = { name: 'one', secretName: 'perennial/one' };
  if (type === 'telegram') return { ...common, type, chatId: '-1001234567890' };
  return type === 'pagerduty' ? { ...common, type } : { ...common, type };
}
