import { lambdaWatchPorts } from '../ports/lambda-watch-ports.ts';
import { logged } from '../ports/logged.ts';
import { type WatchResult, watch } from '../steps/watch.ts';

const ports = lambdaWatchPorts();

/** The watch, started by a schedule of its own. */
export const handler = (): Promise<WatchResult> => logged('watch', ports, undefined, () => watch(ports));
