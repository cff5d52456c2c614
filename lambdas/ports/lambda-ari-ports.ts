import { createHttpsSend } from '../acme/http.ts';
import type { AriPorts } from '../steps/ports.ts';
import { buildAriPorts } from './ari-ports.ts';
import type { Undated } from './base-ports.ts';
import { lambdaParts } from './lambda-parts.ts';

/** The ports of RefreshAri, from the Lambda's environment. */
export function lambdaAriPorts(): Undated<AriPorts> {
  const { send } = createHttpsSend();
  return buildAriPorts({ ...lambdaParts(), send });
}
