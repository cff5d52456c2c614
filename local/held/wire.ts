import { AwsFault } from '../aws/fault.ts';
import type { FakeAccount } from '../aws/seam.ts';

/** A request as it came over the socket. */
export type WireRequest = {
  readonly method: string;
  readonly path: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
};

export type WireAnswer = { readonly status: number; readonly type: string; readonly body: string };

/** The accounts that are asked over the wire. */
export type WireAccounts = Readonly<
  Record<'cloudFormation' | 'cloudWatch' | 'events' | 'scheduler' | 'sfn' | 'sns' | 'sqs', FakeAccount>
>;

/** Services of AWS's query protocol, by the version that every request names. */
const QUERY_SERVICES = { '2010-05-15': 'cloudFormation', '2010-03-31': 'sns' } as const;

/** Services of AWS's JSON protocols, by what their targets begin with. */
const JSON_SERVICES = {
  AWSStepFunctions: 'sfn',
  AWSEvents: 'events',
  GraniteServiceVersion20100801: 'cloudWatch',
  AmazonSQS: 'sqs',
} as const;

/**
 * Answers a request by the fake account that it is for, in the protocol in which it came: JSON with a target, query with XML,
 * or the one REST operation of EventBridge Scheduler.
 * https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 */
export function answerWire(accounts: WireAccounts, request: WireRequest): Promise<WireAnswer> {
  const target = request.headers['x-amz-target'];
  if (target !== undefined) return answerJson(accounts, target, request.body);
  const schedule = /^\/schedules\/([^/?]+)/.exec(request.path)?.[1];
  if (request.method === 'GET' && schedule !== undefined)
    return asJson(() => accounts.scheduler.call('GetSchedule', { Name: decodeURIComponent(schedule) }));
  return answerQuery(accounts, new URLSearchParams(request.body));
}

function answerJson(accounts: WireAccounts, target: string, body: string): Promise<WireAnswer> {
  const [prefix = '', operation = ''] = target.split('.');
  const service = Object.entries(JSON_SERVICES).find(([name]) => name === prefix)?.[1];
  return asJson(() => {
    if (service === undefined) throw new AwsFault('UnknownOperationException', `${target} is not served here`);
    return accounts[service].call(operation, fromWire(JSON.parse(body)));
  });
}

async function asJson(act: () => Promise<object>): Promise<WireAnswer> {
  const type = 'application/x-amz-json-1.0';
  try {
    return { status: 200, type, body: JSON.stringify(toWire(await act())) };
  } catch (error) {
    const { code, message, status } = faultOf(error);
    return { status, type, body: JSON.stringify({ __type: code, message }) };
  }
}

async function answerQuery(accounts: WireAccounts, form: URLSearchParams): Promise<WireAnswer> {
  const { Action: operation = '', Version: version, ...input } = Object.fromEntries(form);
  const service = Object.entries(QUERY_SERVICES).find(([known]) => known === version)?.[1];
  const type = 'text/xml';
  try {
    if (service === undefined) throw new AwsFault('InvalidAction', `${operation} is not served here`);
    const result = toXml(await accounts[service].call(operation, input));
    return {
      status: 200,
      type,
      body: `<${operation}Response><${operation}Result>${result}</${operation}Result></${operation}Response>`,
    };
  } catch (error) {
    const { code, message, status } = faultOf(error);
    return {
      status,
      type,
      body: `<ErrorResponse><Error>${toXml({ Code: code, Message: message })}</Error></ErrorResponse>`,
    };
  }
}

function faultOf(error: unknown): AwsFault {
  return error instanceof AwsFault ? error : new AwsFault('InternalFailure', String(error), 500);
}

/** JSON carries times as seconds. */
function toWire(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (Array.isArray(value)) return value.map(toWire);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toWire(inner)]));
}

/** Members that are times, of the requests that are sent here. */
const TIMES = /^(Time|StartTime|EndTime)$/;

function fromWire(input: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(input).map(([key, value]) => [key, timed(key, value)]));
}

function timed(key: string, value: unknown): unknown {
  if (typeof value === 'number' && TIMES.test(key)) return new Date(value * 1000);
  if (Array.isArray(value)) return value.map((item) => timed('', item));
  return typeof value === 'object' && value !== null ? fromWire({ ...value }) : value;
}

function toXml(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map((item) => `<member>${toXml(item)}</member>`).join('');
  if (typeof value !== 'object' || value === null) return escaped(String(value));
  return Object.entries(value)
    .map(([key, inner]) => (inner === undefined ? '' : `<${key}>${toXml(inner)}</${key}>`))
    .join('');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
