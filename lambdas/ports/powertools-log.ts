import { Logger } from '@aws-lambda-powertools/logger';
import { redact } from '../core/redact.ts';
import type { LineWriter } from './scoped-log.ts';

/** Takes one line, JSON without a line break. */
export type LogSink = (line: string) => void;

/** `level` is for tests; everywhere else POWERTOOLS_LOG_LEVEL says from which level on lines are written. */
export type LineWriterOptions = { readonly sink?: LogSink; readonly level?: 'DEBUG' };

/**
 * Lines by Powertools' logger, each text in them through {@link redact}. To the Lambda's log, or to a sink.
 * https://docs.aws.amazon.com/powertools/typescript/latest/features/logger/
 */
export function createLineWriter({ sink, level }: LineWriterOptions = {}): LineWriter {
  const options = {
    serviceName: 'perennial',
    jsonReplacerFn: (_key: string, value: unknown) => (typeof value === 'string' ? redact(value) : value),
    ...(level === undefined ? {} : { logLevel: level }),
  };
  const logger = sink === undefined ? new Logger(options) : new SinkLogger(options, sink);
  return (at, message, facts) => logger[at](message, facts);
}

/** Hands its lines to a sink instead of printing them. */
class SinkLogger extends Logger {
  readonly #sink: LogSink;

  constructor(options: ConstructorParameters<typeof Logger>[0], sink: LogSink) {
    super(options);
    this.#sink = sink;
  }

  protected override printLog(_level: number, item: Parameters<Logger['printLog']>[1]): void {
    item.prepareForPrint();
    this.#sink(JSON.stringify(item.getAttributes(), this.getJsonReplacer()));
  }
}
