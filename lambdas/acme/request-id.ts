/** Headers by which CAs and the proxies before them name a request; no RFC has one. */
const REQUEST_ID_HEADERS = ['x-request-id', 'x-amzn-requestid', 'x-correlation-id', 'cf-ray'];
const LONGEST = 128;

/** What the CA calls the request that it answers, where it says so: what its support asks for. */
export function requestIdOf({ headers }: { readonly headers: Readonly<Record<string, string>> }): string | undefined {
  const found = REQUEST_ID_HEADERS.map((name) => headers[name]).find((value) => value !== undefined && value !== '');
  return found?.slice(0, LONGEST);
}
