/**
 * The policy for programs that npm does not bring: what `find` finds, or undefined where it is not to be had. On a user's
 * machine its suites are then skipped, loudly; in CI (`CI=true`) that is a failure. `name` says who would have been asked.
 */
export async function peerOrSkip<T>(name: string, find: () => Promise<T>): Promise<T | undefined> {
  try {
    return await find();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (process.env.CI === 'true')
      throw new Error(`${name} is not to be had, and CI=true allows no skipping: ${reason}`);
    console.warn(`SKIPPED: nothing here was checked with ${name}. ${reason}`);
    return undefined;
  }
}
