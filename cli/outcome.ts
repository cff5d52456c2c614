import type { Paint } from './output/paint.ts';

/** 0: fine. 1: something needs attention. 2, by a {@link CliError}: wrong use, or the account cannot be reached. */
export type ExitCode = 0 | 1;

/** What a command has found out. */
export type Outcome = {
  readonly exitCode: ExitCode;
  /** What `--json` prints; instants are ISO 8601 texts there, milliseconds since the epoch here. */
  readonly data: object;
  /** What people read, a line an entry. */
  readonly lines: (paint: Paint) => readonly string[];
};
