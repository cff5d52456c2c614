import { checkOwner, verifyPostAsGet } from './authenticate.ts';
import { notFound } from './problems.ts';
import { type CaAnswer, link } from './wire.ts';
import type { Call, World } from './world.ts';

/** RFC 8555 section 7.4.2: the chain, with links to the alternates. */
export function certificate(world: World, call: Call): CaAnswer {
  const signed = verifyPostAsGet(world, call);
  const [id = '', number = '0', ...more] = call.id.split('/');
  const found = world.store.certificates.get(id);
  const chain = /^\d+$/.test(number) && more.length === 0 ? found?.chains[Number(number)] : undefined;
  if (!found || chain === undefined || world.clock.now() < found.availableAt) throw notFound('certificate');
  checkOwner(found.account, signed.account, 'certificate');
  const base = world.urls.certificate(found);
  const urls = found.chains.map((_, index) => (index === 0 ? base : `${base}/${index}`));
  const others = urls.filter((_, index) => index !== Number(number));
  return {
    status: 200,
    headers: {
      'Content-Type': 'application/pem-certificate-chain',
      ...(others.length > 0 ? { Link: others.map((url) => link(url, 'alternate')) } : {}),
    },
    body: chain,
  };
}
