/** A cell of a table; what paints it does not count for the width of its column. */
export type Cell = string | { readonly text: string; readonly paint: (text: string) => string };

/** Lines of aligned columns. */
export function columns(rows: readonly (readonly Cell[])[]): readonly string[] {
  const widths = rows.reduce<number[]>((known, row) => {
    row.forEach((cell, at) => {
      known[at] = Math.max(known[at] ?? 0, textOf(cell).length);
    });
    return known;
  }, []);
  return rows.map((row) => row.map((cell, at) => padded(cell, widths[at] ?? 0, at === row.length - 1)).join('  '));
}

function padded(cell: Cell, width: number, isLast: boolean): string {
  const text = textOf(cell);
  const painted = typeof cell === 'string' ? text : cell.paint(text);
  return isLast ? painted : painted + ' '.repeat(width - text.length);
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}
