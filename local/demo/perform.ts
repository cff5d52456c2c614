import type { DemoReport } from '../demo-report.ts';
import type { Claims } from './claims.ts';
import type { DemoOptions } from './options.ts';
import { play } from './play.ts';
import { reportOf } from './report.ts';
import type { StartStage } from './stage.ts';
import { Story, type Teller } from './story.ts';
import { tellReport } from './table.ts';

/** Where output goes. */
type Streams = Readonly<Record<'stdout' | 'stderr', Pick<NodeJS.WriteStream, 'write' | 'isTTY'>>>;

export type DemoRun = {
  readonly options: DemoOptions;
  readonly streams: Streams;
  readonly startStage: StartStage;
  /** Where the count of seconds begins, by `performance.now()`; 0, the start of the process, by default. */
  readonly startedAt?: number;
};

/**
 * Gives the whole performance and stops everything again.
 * @param interrupted resolves with the exit code of an interruption, if there is one
 * @returns the exit code: 0 only if every claim was true
 * @throws where something could not be started, or a scene not be played
 */
export async function perform(run: DemoRun, interrupted: Promise<number>): Promise<number> {
  const stops: (() => Promise<void>)[] = [];
  const show = showing(run, (stop) => stops.push(stop));
  try {
    return await Promise.race([show, interrupted]);
  } finally {
    for (const stop of stops) await stop();
  }
}

type OnStarted = (stop: () => Promise<void>) => void;

async function showing({ options, streams, startStage, startedAt }: DemoRun, onStarted: OnStarted): Promise<number> {
  const story = new Story(tellerFor(options, streams), startedAt);
  story.hint('synthesising the stack, starting an account, its DNS, an edge and the CA …');
  const { stage, stop } = await startStage(options.ca);
  onStarted(stop);
  story.tell(story.colours.bold(`Perennial, whole, in one process · certificates by ${stage.parts.ca.version}`));
  await play(stage, story);
  const report = await reportOf(stage, story);
  tellReport(report, story);
  if (options.json) writeJson(report, story.claims, streams);
  return report.ok ? 0 : 1;
}

/** With `--json` the story is a by-product: it is told on a terminal only, and never on stdout. */
function tellerFor({ json }: DemoOptions, { stdout, stderr }: Streams): Teller {
  const stream = json ? stderr : stdout;
  const isTerminal = stream.isTTY === true;
  const colours = isTerminal && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
  const isSilent = json && !isTerminal;
  return { write: (text) => void (isSilent || stream.write(text)), isTerminal, colours };
}

function writeJson(report: DemoReport, { failures }: Claims, { stdout, stderr }: Streams): void {
  if (stderr.isTTY !== true) {
    for (const { statement, expected, seen } of failures) {
      stderr.write(`not so: ${statement}; expected ${expected}, seen ${seen}\n`);
    }
  }
  stdout.write(`${JSON.stringify(report)}\n`);
}
