import type { Alert } from '../../core/alert.ts';
import type { HttpChannelDeclaration } from '../../core/channel-declaration.ts';

/** One POST to a channel. */
export type ChannelRequest = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** What a channel has answered; names of headers in lower case. */
export type ChannelAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** Sends one request and follows no redirect; rejects when there was no whole answer. */
export type ChannelSend = (
  request: ChannelRequest & { readonly method: 'POST'; readonly timeoutMs: number },
) => Promise<ChannelAnswer>;

/** Why an answer of 2xx is none: some channels say so in its body only. `isBusy` where the same will do later. */
export type Refusal = { readonly reason: string; readonly isBusy: boolean };

/** Fields of a channel's secret, all of them there. */
export type SecretFields = Readonly<Record<string, string>>;

/** How one kind of channel is spoken to. Pure: all that it needs is handed over. */
export type HttpChannel<Declaration extends HttpChannelDeclaration = HttpChannelDeclaration> = {
  /** What its secret must hold; a secret that is no JSON is the only one of them. */
  readonly secretFields: readonly string[];
  /** The request, or undefined where the channel is not for such messages. `now` is in milliseconds since the epoch. */
  readonly request: (
    alert: Alert,
    secret: SecretFields,
    declaration: Declaration,
    now: number,
  ) => ChannelRequest | undefined;
  /** Reads an answer of 2xx; undefined when the message was taken. */
  readonly refusal: (answer: ChannelAnswer) => Refusal | undefined;
  /** Seconds that a channel asks to wait for by its body, not by Retry-After. */
  readonly retryAfter?: (answer: ChannelAnswer) => number | undefined;
};

/** A JSON body as a POST of it. */
export function jsonRequest(url: string, body: object): ChannelRequest {
  return { url, headers: { 'Content-Type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) };
}
