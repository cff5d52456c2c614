import { lambdaSecondWatchPorts } from '../ports/lambda-second-watch-ports.ts';
import { logged } from '../ports/logged.ts';
import { type SecondWatchResult, secondWatch } from '../steps/second-watch.ts';

const ports = lambdaSecondWatchPorts();

/** The second watch, in another region, started by a schedule of its own. */
export const handler = (): Promise<SecondWatchResult> =>
  logged('second-watch', ports, undefined, () => secondWatch(ports));
