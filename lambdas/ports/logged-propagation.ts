import type { DnsLookLine, Log } from '../core/log.ts';
import type { Clock, Propagation, PropagationLook } from '../core/ports.ts';

type Looked = Parameters<Propagation['look']>[0];

/** Looks as `propagation` does, and writes a line for each zone that was looked into. */
export function createLoggedPropagation(propagation: Propagation, log: Log, clock: Clock): Propagation {
  return {
    look: async (records) => {
      const begun = clock.now();
      const seen = await propagation.look(records);
      const ms = clock.now() - begun;
      for (const [zone, looked] of Map.groupBy(records, ({ zoneId }) => zoneId ?? 'unknown'))
        log.write(lineOf(zone, looked, seen, ms));
      return seen;
    },
  };
}

/** Counts only: the values are what the CA checks. */
function lineOf(zone: string, looked: Looked, seen: PropagationLook, ms: number): DnsLookLine {
  const names = [...new Set(looked.map(({ name }) => name))];
  const values = new Set(looked.map(({ value }) => value));
  const missing = seen.missing.filter(({ value }) => values.has(value));
  const message = missing.length === 0 ? 'all name servers show the values' : 'name servers do not show the values yet';
  return {
    event: 'dnsLook',
    message,
    zone,
    names: names.length,
    servers: names.reduce((sum, name) => sum + (seen.servers[name] ?? 0), 0),
    missing: missing.length,
    silent: missing.filter(({ silent }) => silent).length,
    ms,
  };
}
