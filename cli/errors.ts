/** The command cannot be carried out as it was written, or the account not be reached: exit code 2. */
export class CliError extends Error {
  override readonly name = 'CliError';

  /**
   * @param problem names the field and its value: `--stack is "X": there is no such stack`
   * @param remedy what to do instead, as a sentence
   */
  constructor(problem: string, remedy: string, options?: ErrorOptions) {
    super(`${problem.replace(/[.\s]*$/, '')}. ${remedy}`, options);
  }
}
