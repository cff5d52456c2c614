/** What a list may take and weigh. */
const TIMEOUT_MS = 10_000;
const MOST_BYTES = 20_000_000;

/** The bytes at a URL of a revocation list, which is plain HTTP since it is signed itself. Throws where they cannot be had. */
export async function fetchList(url: string): Promise<Uint8Array> {
  const { protocol } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:') throw new Error(`${url} is no http:// URL`);
  const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  if (Number(answer.headers.get('content-length') ?? 0) > MOST_BYTES) throw new Error(`${url} is too large`);
  return new Uint8Array(await answer.arrayBuffer());
}
