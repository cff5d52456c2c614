/** What a shell says of a program that a broken pipe has ended: 128 and the number of SIGPIPE. */
const UNREAD = 141;

/**
 * Ends the process without a word when nobody reads a stream of it any more, as in `perennial status | head -1`: Node ignores
 * SIGPIPE, which ends other programs there.
 */
export function endWhereUnread(streams: readonly NodeJS.WriteStream[]): void {
  for (const stream of streams)
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit(UNREAD);
    });
}
