import { readFile } from 'node:fs/promises';
import type { WatchList } from '../core/watch-list.ts';

/** Reads what is watched from a file that was deployed with the code, and so is of its version. */
export function watchFile(file: URL): () => Promise<WatchList> {
  return async () => JSON.parse(await readFile(file, 'utf8'));
}
