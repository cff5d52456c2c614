/** Kinds of channels beside e-mail that carry messages for people. */
export const CHANNEL_TYPES = [
  'slack',
  'teams',
  'dingtalk',
  'wecom',
  'feishu',
  'telegram',
  'pagerduty',
  'webhook',
  'amazon-q',
] as const;

type Kept = {
  readonly name: string;
  /** Secret of Secrets Manager with URL, token or key. */
  readonly secretName: string;
};

type Plain = Kept & { readonly type: 'slack' | 'teams' | 'dingtalk' | 'wecom' | 'feishu' | 'webhook' };

/** `chatId` is the id of a chat, or `@name` of a public one. */
type Telegram = Kept & { readonly type: 'telegram'; readonly chatId: string };

/** `region` is the service region of the account, where it is not the United States. */
type PagerDuty = Kept & { readonly type: 'pagerduty'; readonly region?: 'eu' };

/** A channel that is reached by HTTPS; what is secret of it is in its secret only. */
export type HttpChannelDeclaration = Plain | Telegram | PagerDuty;

/** A channel that the user's own configuration of Amazon Q Developer reads from a topic. */
export type AmazonQDeclaration = { readonly name: string; readonly type: 'amazon-q' };

/** A channel as it is declared. */
export type ChannelDeclaration = HttpChannelDeclaration | AmazonQDeclaration;

/** A channel as its Lambda is told of it. */
export type DeployedChannel = (HttpChannelDeclaration | (AmazonQDeclaration & { readonly topicArn: string })) & {
  /** Where what cannot be delivered goes. */
  readonly deadLetterUrl: string;
};
