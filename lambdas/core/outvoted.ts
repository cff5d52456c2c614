import type { PropagationLook } from './ports.ts';

/**
 * Whether what is missing is missing only at servers that say nothing, while more than half of each name's servers show all of
 * its values. A CA's resolver passes by a server that says nothing; one that shows something else it may believe.
 */
export function isOutvoted({ missing, servers }: PropagationLook): boolean {
  if (missing.some(({ silent }) => !silent)) return false;
  const silentAt = Map.groupBy(missing, ({ name }) => name);
  return [...silentAt].every(([name, records]) => {
    const silent = new Set(records.map(({ server }) => server)).size;
    return silent * 2 < (servers[name] ?? 0);
  });
}
