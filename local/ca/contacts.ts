import { AcmeProblem } from './problems.ts';

// RFC 8555 section 7.3: no hfields, one address; ASCII, as Boulder has it. RFC 6068 has more, no CA takes it.
const ADDRESS = /^[\x21-\x3e\x41-\x7e]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/;

function checkContact(contact: string): void {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(contact)?.[1]?.toLowerCase();
  if (scheme === undefined) throw new AcmeProblem('invalidContact', `Contact "${contact}" is no URL`);
  if (scheme !== 'mailto') {
    throw new AcmeProblem('unsupportedContact', `Contact scheme "${scheme}" is not supported; use mailto`);
  }
  const address = contact.slice('mailto:'.length);
  if (/[?,]/.test(address) || !ADDRESS.test(address)) {
    throw new AcmeProblem('invalidContact', `Contact "${contact}" is not one plain e-mail address`);
  }
}

/** @throws AcmeProblem unsupportedContact or invalidContact. */
export function checkContacts(contacts: readonly string[], most: number): void {
  if (contacts.length > most) throw new AcmeProblem('invalidContact', `${contacts.length} contacts; at most ${most}`);
  for (const contact of contacts) checkContact(contact);
}
