import { awsErrorFacts } from '../core/aws-failure.ts';
import type { Finding } from '../core/findings.ts';
import { inParallel } from '../core/in-parallel.ts';
import type { Log } from '../core/log.ts';
import type { SecondWatchPorts } from './ports.ts';
import { lookAt } from './watch-certificate.ts';

/** Certificates that are looked at at the same time. */
const PARALLEL = 25;

/** What one look from the other region has seen. */
export type SecondWatchResult = {
  readonly status: 'fine' | 'trouble';
  /** Whether the watched stack has swept and watched in time. */
  readonly sweeps: boolean;
  readonly watches: boolean;
  readonly ending: number;
  readonly wrong: number;
};

/**
 * The second watch, once an hour and from another region: whether the stack that it watches still sweeps and watches, and
 * whether what is served is good, by ends, names and issuers alone. It remembers nothing; its alarms do.
 */
export async function secondWatch(ports: SecondWatchPorts): Promise<SecondWatchResult> {
  const { sweeps, watches } = await signsOfLife(ports);
  const findings = await lookAtAll(ports);
  for (const { certificate, text } of findings)
    ports.log.write({ event: 'note', code: 'served', message: `${certificate}: ${text}` });
  const ending = placesOf(findings.filter(({ kind }) => kind === 'expiring'));
  const wrong = placesOf(findings.filter(({ kind }) => kind !== 'expiring'));
  ports.metrics.publish({
    SweepMissing: sweeps ? 0 : 1,
    WatchMissing: watches ? 0 : 1,
    PlacesEnding: ending,
    PlacesWrong: wrong,
    ...(await unconfirmedSubscriptions(ports)),
    WatchCompleted: 1,
  });
  const isFine = sweeps && watches && ending + wrong === 0;
  return { status: isFine ? 'fine' : 'trouble', sweeps, watches, ending, wrong };
}

/** That nobody can tell is as bad as that there are none: the other region may be gone. */
async function signsOfLife({ readHeartbeats, log }: SecondWatchPorts) {
  try {
    const { sweeps, watches } = await readHeartbeats();
    return { sweeps: sweeps > 0, watches: watches > 0 };
  } catch (error) {
    tellFailure(log, 'no metrics of the watched stack', error);
    return { sweeps: false, watches: false };
  }
}

/** Not known is not none. */
async function unconfirmedSubscriptions({ listSubscriptions, log }: SecondWatchPorts) {
  try {
    const subscriptions = await listSubscriptions();
    return { UnconfirmedSubscriptions: subscriptions.filter(({ confirmed }) => !confirmed).length };
  } catch (error) {
    tellFailure(log, 'no list of subscriptions', error);
    return {};
  }
}

function tellFailure(log: Log, what: string, error: unknown): void {
  const { name, message } = awsErrorFacts(error);
  log.write({ event: 'failure', class: 'transient', code: name, message: `${what}: ${message}` });
}

/** A finding and whose it is. */
type Placed = Finding & { readonly certificate: string };

async function lookAtAll(ports: SecondWatchPorts): Promise<readonly Placed[]> {
  const list = await ports.readList();
  const found = await inParallel(list.certificates, PARALLEL, async (watched): Promise<readonly Placed[]> => {
    const findings = await lookAt(ports, list, watched, undefined);
    return findings.filter(isForSecondWatch).map((finding) => ({ ...finding, certificate: watched.name }));
  });
  return found.flat();
}

/** Late renewals and hosts that cannot be reached are the first watch's to tell; this one looks whether people see errors. */
function isForSecondWatch({ kind, level }: Finding): boolean {
  return kind !== 'unreachable' && (kind !== 'expiring' || level !== 'at-risk');
}

function placesOf(findings: readonly Placed[]): number {
  return new Set(findings.map(({ certificate, place }) => `${certificate} ${place}`)).size;
}
