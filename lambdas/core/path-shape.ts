/** A word of a path: `new-order`, `renewalInfo`, `draft-ietf-acme-ari-03`, `v2`. */
const WORD = /^(v\d{1,3}|[a-z]{1,20}([A-Z][a-z]{1,20}){0,3}([-_.][a-z0-9]{1,10}){0,4})$/;
const LONGEST_WORD = 30;
const MOST_SEGMENTS = 8;

/**
 * Path of a URL with `*` for each segment that names one resource: `/acme/order/*`. Ids, tokens and certIDs do not survive,
 * nor does the query. Empty where the URL cannot be parsed.
 */
export function pathShape(url: string): string {
  const parsed = URL.parse(url);
  if (parsed === null) return '';
  return parsed.pathname.split('/').slice(0, MOST_SEGMENTS).map(segmentShape).join('/');
}

function segmentShape(segment: string): string {
  return segment === '' || (segment.length <= LONGEST_WORD && WORD.test(segment)) ? segment : '*';
}
