import { checkActive, checkOwner, type Signed, verifyByAccount, verifyByKey } from './authenticate.ts';
import { checkContacts } from './contacts.ts';
import { verifyBinding } from './external-account.ts';
import { type JsonObject, optionalBoolean, optionalString, optionalStrings, parseObject } from './fields.ts';
import type { Account } from './model.ts';
import { AcmeProblem, malformed, notFound } from './problems.ts';
import { type CaAnswer, json, link } from './wire.ts';
import type { Call, World } from './world.ts';

/** The account object (RFC 8555 section 7.1.2). */
function render(world: World, account: Account): object {
  return {
    status: account.status,
    ...(account.contact.length > 0 ? { contact: account.contact } : {}),
    ...(account.terms === undefined ? {} : { termsOfServiceAgreed: account.terms === world.terms }),
    ...(account.externalAccountBinding ? { externalAccountBinding: account.externalAccountBinding } : {}),
    ...(world.settings.habits.noOrdersList ? {} : { orders: world.urls.orders(account) }),
  };
}

function checkAgreement(world: World, agreed: boolean): void {
  const { terms } = world;
  if (terms === undefined || agreed) return;
  throw new AcmeProblem('userActionRequired', 'termsOfServiceAgreed must be true', {
    instance: terms,
    headers: { Link: [link(terms, 'terms-of-service')] },
  });
}

function create(world: World, call: Call, signed: Signed, body: JsonObject): Account {
  checkAgreement(world, optionalBoolean(body, 'termsOfServiceAgreed'));
  const contact = optionalStrings(body, 'contact') ?? [];
  checkContacts(contact, world.settings.maxContacts);
  const binding = verifyBinding(world, call, signed, body.externalAccountBinding);
  const address = call.request.remoteAddress ?? '127.0.0.1';
  world.limits.charge([{ limit: 'newAccountsPerAddress', scope: address, cost: 1 }]);
  const account: Account = {
    id: world.token(),
    key: signed.key,
    contact,
    status: 'valid',
    terms: world.terms,
    createdAt: world.clock.now(),
    ...(binding ? { externalAccountBinding: binding } : {}),
  };
  world.store.accounts.set(account.id, account);
  world.store.accountsByKey.set(signed.key.thumbprint, account);
  return account;
}

/** RFC 8555 sections 7.3 and 7.3.1: a known key finds its account, whatever else is asked. */
export function newAccount(world: World, call: Call): CaAnswer {
  const signed = verifyByKey(world, call);
  const body = parseObject(signed.payload, 'Payload');
  const known = world.store.accountsByKey.get(signed.key.thumbprint);
  if (known) checkActive(world, known);
  else if (optionalBoolean(body, 'onlyReturnExisting')) {
    throw new AcmeProblem('accountDoesNotExist', 'No account has this key');
  }
  const account = known ?? create(world, call, signed, body);
  const location = world.urls.account(account);
  call.entry.account = location;
  return json(known ? 200 : 201, render(world, account), { Location: location });
}

function update(world: World, account: Account, body: JsonObject): void {
  const status = optionalString(body, 'status');
  if (status !== undefined && status !== 'deactivated' && status !== account.status) {
    throw malformed(`Account status cannot be set to "${status}"; only to "deactivated"`);
  }
  const contact = optionalStrings(body, 'contact');
  if (contact) checkContacts(contact, world.settings.maxContacts);
  if (contact) account.contact = contact;
  if (optionalBoolean(body, 'termsOfServiceAgreed')) account.terms = world.terms;
  if (status === 'deactivated') account.status = 'deactivated';
}

/** RFC 8555 sections 7.3.2 (update) and 7.3.6 (deactivation). Unknown members are ignored. */
export function account(world: World, call: Call): CaAnswer {
  const signed = verifyByAccount(world, call);
  const asked = world.store.accounts.get(call.id);
  if (!asked) throw notFound('account');
  checkOwner(asked, signed.account, 'account');
  if (signed.payload !== '') update(world, asked, parseObject(signed.payload, 'Payload'));
  return json(200, render(world, asked));
}
