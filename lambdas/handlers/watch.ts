import { lambdaWatchPorts } from '../ports/lambda-watch-ports.ts';
import { watch } from '../steps/watch.ts';

const ports = lambdaWatchPorts();

/** The watch, started by a schedule of its own. */
export const handler = () => watch(ports);
