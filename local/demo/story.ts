import pc from 'picocolors';
import { Claims, type FalseClaim } from './claims.ts';
import { columns } from './columns.ts';

/** Where a story is told: a terminal gets colours and a line that tells of what is being waited for. */
export type Teller = {
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
  readonly colours: boolean;
};

/** How a line of states ended. */
export type Tone = 'plain' | 'good' | 'quiet' | 'bad';

/** One line of the picture: which states an execution entered. */
export type StateLine = {
  readonly subject: string;
  readonly machine: string;
  readonly states: string;
  readonly tone: Tone;
};

/** One scene's part of the story. */
export interface Page {
  /** What the demo does. */
  act(text: string): void;
  states(line: StateLine): void;
  /** Rows of cells, the first of them a heading. */
  table(rows: readonly (readonly string[])[]): void;
  /** States something if it is so; else tells what was expected and what was seen. */
  claim(statement: string, expected: unknown, seen: unknown): void;
  /** No more comes. */
  end(): void;
}

const SUBJECT_WIDTH = 8;
const MACHINE_WIDTH = 8;
const CLEAR_LINE = '\r\x1b[2K';

type Chapter = { readonly lines: string[]; ended: boolean };

/**
 * Tells scenes one after the other, also where they are played side by side: the lines of a scene wait, with the times at
 * which they came about, until the scene before it has ended.
 */
export class Story {
  readonly claims = new Claims();
  readonly colours: ReturnType<typeof pc.createColors>;
  readonly #teller: Teller;
  readonly #startedAt: number;
  readonly #waiting: Chapter[] = [];

  /** @param startedAt by `performance.now()`; 0 is the start of the process */
  constructor(teller: Teller, startedAt = 0) {
    this.#teller = teller;
    this.#startedAt = startedAt;
    this.colours = pc.createColors(teller.colours);
  }

  /** Since the story began. */
  seconds(): number {
    return Math.round((performance.now() - this.#startedAt) / 100) / 10;
  }

  tell(line: string): void {
    this.#teller.write(`${this.#teller.isTerminal ? CLEAR_LINE : ''}${line}\n`);
  }

  /** What is going on, on a terminal until the next line comes. */
  hint(text: string): void {
    if (this.#teller.isTerminal) this.#teller.write(`${CLEAR_LINE}${this.colours.dim(text)}`);
  }

  /** Scenes are told in the order in which their pages were made. */
  page(title: string): Page {
    const chapter: Chapter = { lines: [], ended: false };
    const add = (line: string): void => {
      chapter.lines.push(line);
      this.#flush();
    };
    this.#waiting.push(chapter);
    add(`\n${this.colours.bold(title)}`);
    return {
      act: (text) => add(`${this.#time()}  ${this.colours.cyan('·')} ${text}`),
      states: (line) => add(this.#stateLine(line)),
      table: (rows) => {
        for (const line of columns(rows)) add(`${' '.repeat(14)}${this.colours.dim(line)}`);
      },
      claim: (statement, expected, seen) => {
        for (const line of this.#verdict(statement, this.claims.check(statement, expected, seen))) add(line);
      },
      end: () => {
        chapter.ended = true;
        this.#flush();
      },
    };
  }

  #flush(): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      for (const line of first.lines.splice(0)) this.tell(line);
      if (!first.ended) return;
      this.#waiting.shift();
    }
  }

  #time(): string {
    return this.colours.dim(`${this.seconds().toFixed(1).padStart(6)} s`);
  }

  #stateLine({ subject, machine, states, tone }: StateLine): string {
    const { dim, green, yellow, red } = this.colours;
    const paint = { plain: String, good: green, quiet: yellow, bad: red }[tone];
    return `${this.#time()}    ${subject.padEnd(SUBJECT_WIDTH)} ${dim(machine.padEnd(MACHINE_WIDTH))} ${paint(states)}`;
  }

  #verdict(statement: string, failure: FalseClaim | undefined): readonly string[] {
    const { green, red } = this.colours;
    if (failure === undefined) return [`${this.#time()}  ${green('✓')} ${statement}`];
    const indent = ' '.repeat(12);
    return [
      `${this.#time()}  ${red('✗')} ${statement}`,
      `${indent}${red('expected')}  ${failure.expected}`,
      `${indent}${red('seen')}      ${failure.seen}`,
    ];
  }
}
