import type { OutboxMessage } from '../core/rows.ts';
import { CUT, cutBytes } from './cut.ts';

// https://docs.aws.amazon.com/sns/latest/api/API_Publish.html: less than 100 characters; 262,144 bytes for all of a message.
const LONGEST_SUBJECT = 99;
const LONGEST_BODY_BYTES = 250_000;
const FALLBACK_SUBJECT = 'Perennial';

/**
 * A subject that SNS accepts: ASCII without line breaks and control characters, at most 99 characters, beginning with a
 * letter, number or punctuation mark. A refused subject would be refused for ever.
 */
export function snsSubject(subject: string): string {
  const ascii = subject
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\x20-\x7e]+/g, (run) => (/\P{C}/u.test(run) ? '?' : ' '))
    .trim();
  if (ascii === '') return FALLBACK_SUBJECT;
  return ascii.length <= LONGEST_SUBJECT ? ascii : ascii.slice(0, LONGEST_SUBJECT - CUT.length) + CUT;
}

/** The text for people, with the id by which a repeated message is known; cut where SNS would refuse it. */
export function snsBody({ body, certificate, id }: OutboxMessage): string {
  return `${cutBytes(body, LONGEST_BODY_BYTES)}\n\nCertificate: ${certificate}\nMessage: ${id}\n`;
}
