import { describe, expect, it } from 'vitest';
import { pathShape } from '../../../lambdas/core/path-shape.ts';

describe('The shape of a path', () => {
  it.each([
    ['https://acme-v02.api.letsencrypt.org/directory', '/directory'],
    ['https://acme-v02.api.letsencrypt.org/acme/new-order', '/acme/new-order'],
    ['https://acme-v02.api.letsencrypt.org/acme/authz/1234567/98765', '/acme/authz/*/*'],
    ['https://acme-v02.api.letsencrypt.org/acme/cert/04c0ffee', '/acme/cert/*'],
    ['https://acme.zerossl.com/v2/DV90/newOrder', '/v2/*/newOrder'],
    ['https://dv.acme-v02.api.pki.goog/order/lKnvxN6-1L2HrQ5zrQ', '/order/*'],
    [
      'https://ca.test/draft-ietf-acme-ari-03/renewalInfo/aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE',
      '/draft-ietf-acme-ari-03/renewalInfo/*',
    ],
    ['https://ca.test/chall/evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA?key=x', '/chall/*'],
    ['not a URL', ''],
  ])('of %s is %s', (url, shape) => {
    expect(pathShape(url)).toBe(shape);
  });
});
