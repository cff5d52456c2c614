import type { HttpSend } from '../acme/http.ts';
import { createLoggedSend } from '../acme/logged-send.ts';
import { createRenewalInfoReader } from '../acme/renewal-info.ts';
import type { AriPorts } from '../steps/ports.ts';
import type { BaseParts, Undated } from './base-ports.ts';
import { buildBasePorts } from './base-ports.ts';

/** Builds the ports of RefreshAri: it asks without an account, so it needs no keys. */
export function buildAriPorts(parts: BaseParts & { readonly send: HttpSend }): Undated<AriPorts> {
  const { send, log, clock } = parts;
  return { ...buildBasePorts(parts), renewalInfo: createRenewalInfoReader(createLoggedSend(send, log, clock), clock) };
}
