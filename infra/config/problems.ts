/** One thing that is wrong in a configuration. */
export type ConfigProblem = {
  /** Where, as one would write it in code: `certificates[0].domains[1]`. */
  readonly path: string;
  readonly value: unknown;
  /** What to write instead. */
  readonly remedy: string;
};

/** Keys and indexes that lead to a value. */
export type ConfigPath = readonly PropertyKey[];

/** All problems of a configuration; its message has a line for each. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const head =
      problems.length === 1 ? 'The configuration has a problem' : `The configuration has ${problems.length} problems`;
    super(`${head}:\n${problems.map((problem) => `- ${sentence(problem)}`).join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** Gathers problems, so that all are told at once. */
export class Problems {
  readonly #found: ConfigProblem[] = [];

  add(path: ConfigPath, value: unknown, remedy: string): void {
    this.#found.push({ path: pathText(path), value, remedy });
  }

  /** Throws a {@link ConfigError} when there is any. */
  throwIfAny(): void {
    if (this.#found.length > 0) throw new ConfigError(this.#found);
  }
}

function sentence({ path, value, remedy }: ConfigProblem): string {
  const where = path === '' ? 'It' : path;
  return value === undefined ? `${where} is missing: ${remedy}.` : `${where} is ${shown(value)}: ${remedy}.`;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function pathText(path: ConfigPath): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}
