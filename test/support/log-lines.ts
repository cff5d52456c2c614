/** One line that was logged, read back. */
export type LoggedLine = Readonly<Record<string, unknown>> & { readonly event?: string };

/** A sink for an account's `onLog`, and what it has taken. */
export function recordLines(): {
  readonly onLog: (line: string) => void;
  readonly texts: readonly string[];
  lines(): readonly LoggedLine[];
} {
  const texts: string[] = [];
  return { onLog: (line) => void texts.push(line), texts, lines: () => texts.map((text) => JSON.parse(text)) };
}
