import type { ProbePorts } from '../steps/ports.ts';
import { createServedCertificate } from '../targets/served-certificate.ts';
import type { BaseParts, Undated } from './base-ports.ts';
import { buildBasePorts } from './base-ports.ts';

/** Builds the ports of ProbeTarget: a handshake needs neither keys nor ACM. */
export function buildProbePorts(parts: BaseParts): Undated<ProbePorts> {
  return { ...buildBasePorts(parts), served: createServedCertificate() };
}
