const MOST = 3;

/** Those of the known names that somebody may have meant, the nearest first; at most three. */
export function nearNames(typed: string, known: readonly string[]): readonly string[] {
  const furthest = Math.max(2, Math.floor(typed.length / 3));
  return known
    .map((name) => ({ name, distance: distanceOf(typed.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= furthest || isPart(typed, name))
    .sort((a, b) => a.distance - b.distance || a.name.localeCompare(b.name))
    .slice(0, MOST)
    .map(({ name }) => name);
}

function isPart(typed: string, name: string): boolean {
  return typed.length >= 3 && (name.includes(typed) || typed.includes(name));
}

/** Levenshtein's: how many letters must be put in, taken out or replaced. */
function distanceOf(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [row, letter] of [...a].entries()) {
    const here = [row + 1];
    for (const [at, other] of [...b].entries()) {
      const replaced = (above[at] ?? 0) + (letter === other ? 0 : 1);
      here.push(Math.min(replaced, (above[at + 1] ?? 0) + 1, (here[at] ?? 0) + 1));
    }
    above = here;
  }
  return above[b.length] ?? 0;
}
