import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';

/** A name that can stand in a certificate, or what to write instead. */
export type NormalizedName = { readonly name: string } | { readonly remedy: string };

const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;
/** A name of 253 octets (RFC 1035 section 2.3.4) less `_acme-challenge.`, which DNS-01 puts before it. */
const LONGEST = 253 - '_acme-challenge.'.length;

/**
 * A DNS name as CAs take it: lower-case A-labels (RFC 5890), without a trailing dot, with at most one wildcard as the whole
 * first label (RFC 8555 section 7.1.3).
 */
export function normalizeDomain(text: string): NormalizedName {
  const wildcard = text.startsWith('*.');
  const written = (wildcard ? text.slice(2) : text).replace(/\.$/, '');
  if (isIP(written) !== 0) return { remedy: 'write a DNS name; IP addresses cannot be validated by DNS' };
  if (written.includes('*')) return { remedy: 'write one wildcard at most, as the whole first label: *.example.com' };
  if (/[\s/:@?#%\\]/.test(written)) return { remedy: 'write a bare DNS name, without scheme, port or path' };
  const base = domainToASCII(written);
  const remedy = baseRemedy(base, wildcard);
  return remedy === undefined ? { name: wildcard ? `*.${base}` : base } : { remedy };
}

function baseRemedy(base: string, wildcard: boolean): string | undefined {
  const labels = base.split('.');
  if (!labels.every((label) => LABEL.test(label))) {
    return 'write letters, digits and hyphens, 1 to 63 a label, with no hyphen at either end';
  }
  if (labels.length < 2) {
    return wildcard ? 'put at least two labels after the wildcard' : 'write a full name with at least two labels';
  }
  if (base.length > LONGEST) return `shorten it to ${LONGEST} characters, so that _acme-challenge fits before it`;
  return undefined;
}

/** Whether a certificate of `domain` is valid for `host`: the same name, or one label in place of the wildcard (RFC 9525). */
export function covers(domain: string, host: string): boolean {
  return domain === host || (domain.startsWith('*.') && domain.slice(1) === host.slice(host.indexOf('.')));
}
