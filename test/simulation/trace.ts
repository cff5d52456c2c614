import { createHash } from 'node:crypto';

/** Everything that happened, in order: two runs of a seed must have the same. */
export class Trace {
  readonly lines: string[] = [];
  readonly #hash = createHash('sha256');

  add(line: string): void {
    this.lines.push(line);
    this.#hash.update(`${line}\n`);
  }

  /** SHA-256 of all lines so far. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }
}
