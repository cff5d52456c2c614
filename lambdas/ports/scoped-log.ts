import { AsyncLocalStorage } from 'node:async_hooks';
import type { FailureClass } from '../core/failure.ts';
import type { Log, LogLine, RunFacts } from '../core/log.ts';

type LogLevel = 'info' | 'warn' | 'error';

/** Writes one line of a level; may throw. */
export type LineWriter = (level: LogLevel, message: string, facts: Readonly<Record<string, unknown>>) => void;

/** One invocation: whose work it does, and whom it has asked. */
type Scope = { readonly facts: RunFacts; readonly cas: Set<string> };

/**
 * A log whose lines carry the facts of the invocation that they are written in, also where several are under way in one
 * process. What a writer throws is swallowed: no step fails because it could not be logged.
 */
export function createScopedLog(write: LineWriter): Log {
  const scopes = new AsyncLocalStorage<Scope>();
  return {
    within: (facts, work) => scopes.run({ facts, cas: new Set() }, work),
    write: (line) => {
      try {
        const { message, ...own } = line;
        write(levelOf(line), message, { ...factsOf(scopes.getStore(), line), ...own });
      } catch {
        // A line less.
      }
    },
  };
}

function factsOf(scope: Scope | undefined, line: LogLine): Readonly<Record<string, unknown>> {
  if (scope === undefined) return {};
  if ('ca' in line && line.ca !== undefined) scope.cas.add(line.ca);
  return { ...scope.facts, ...(scope.cas.size === 0 ? {} : { ca: [...scope.cas].join(', ') }) };
}

/** Classes of failures that do not pass by themselves. */
const LASTING: readonly FailureClass[] = ['person', 'bug'];

function levelOf(line: LogLine): LogLevel {
  switch (line.event) {
    case 'failure':
      return LASTING.includes(line.class) ? 'error' : 'warn';
    case 'caRequest':
      return line.httpStatus >= 200 && line.httpStatus < 400 ? 'info' : 'warn';
    case 'note':
      return 'warn';
    default:
      return 'info';
  }
}
