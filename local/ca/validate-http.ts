import { type IncomingMessage, request } from 'node:http';
import { request as requestTls } from 'node:https';
import { isIP } from 'node:net';
import type { Challenge } from './model.ts';
import { AcmeProblem, unauthorized } from './problems.ts';
import { keyAuthorization } from './validate-dns.ts';
import type { World } from './world.ts';

const MOST_REDIRECTS = 10;
const MOST_BYTES = 4096;
const TIMEOUT_MS = 5000;

async function addressOf(world: World, host: string): Promise<string> {
  if (isIP(host) !== 0) return host;
  const [address] = await world.lookup.addresses(host);
  if (address === undefined) throw new AcmeProblem('dns', `DNS problem: no A or AAAA record for ${host}`);
  return address;
}

/** Connects to the address that our resolver gave; a redirect to HTTPS is followed whatever its certificate, as RFC 8555 section 8.3 needs. */
async function fetchAt(url: URL, address: string): Promise<IncomingMessage> {
  const send = url.protocol === 'https:' ? requestTls : request;
  return new Promise((resolve, reject) => {
    const sent = send(
      {
        host: address,
        port: url.port || (url.protocol === 'https:' ? 443 : 80),
        path: url.pathname + url.search,
        headers: { host: url.host, 'user-agent': 'perennial-local-ca' },
        agent: false,
        rejectUnauthorized: false,
        ...(isIP(url.hostname) === 0 ? { servername: url.hostname } : {}),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      },
      resolve,
    );
    sent.on('error', reject);
    sent.end();
  });
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response) {
    text += String(chunk);
    if (text.length > MOST_BYTES) throw unauthorized('The key authorization file is too long');
  }
  return text;
}

async function fetchText(world: World, url: URL, left = MOST_REDIRECTS): Promise<string> {
  const address = await addressOf(world, url.hostname.replace(/^\[|\]$/g, ''));
  const response = await fetchAt(url, address).catch((cause: unknown) => {
    throw new AcmeProblem(
      'connection',
      `${address}: Fetching ${url}: ${cause instanceof Error ? cause.message : cause}`,
    );
  });
  const { statusCode = 0, headers } = response;
  if ([301, 302, 303, 307, 308].includes(statusCode) && headers.location !== undefined) {
    response.resume();
    if (left === 0) throw new AcmeProblem('connection', `Fetching ${url}: too many redirects`);
    return fetchText(world, new URL(headers.location, url), left - 1);
  }
  const text = await bodyOf(response);
  if (statusCode !== 200) throw unauthorized(`${address}: Invalid response from ${url}: ${statusCode}`);
  return text;
}

/** RFC 8555 section 8.3. */
export async function validateHttp01(world: World, challenge: Challenge): Promise<void> {
  const { value } = challenge.authorization.identifier;
  const host = isIP(value) === 6 ? `[${value}]` : value;
  const url = new URL(`http://${host}:${world.settings.httpPort}/.well-known/acme-challenge/${challenge.token}`);
  const text = await fetchText(world, url);
  if (text.trimEnd() !== keyAuthorization(challenge)) {
    throw unauthorized(`The key authorization file at ${url} does not match the challenge`);
  }
}
