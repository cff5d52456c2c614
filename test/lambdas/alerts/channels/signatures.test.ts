import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { DINGTALK, dingTalkSign } from '../../../../lambdas/alerts/channels/dingtalk.ts';
import { feishuSign } from '../../../../lambdas/alerts/channels/feishu.ts';
import { signedHeaders } from '../../../../lambdas/core/webhook-signature.ts';
import { ALERT, NOW } from './alert.ts';
import { declarationOf } from './receivers/all.ts';

/** base64 or hex of HMAC-SHA256 as OpenSSL computes it. */
function openssl(key: string, text: string, encoding: 'base64' | 'hex'): string {
  const hexKey = Buffer.from(key).toString('hex');
  const mac = execFileSync('openssl', ['dgst', '-sha256', '-mac', 'HMAC', '-macopt', `hexkey:${hexKey}`, '-binary'], {
    input: text,
  });
  return mac.toString(encoding);
}

describe('A signature', () => {
  it('of DingTalk is HMAC of timestamp and secret by the secret, in milliseconds', () => {
    expect(dingTalkSign('SECtest', 1_700_000_000_000)).toBe('aZLLrriXgn05YbwaGR7knYsLeJADjr9NwLaNNKpxh4g=');
    expect(dingTalkSign('SECtest', NOW)).toBe(openssl('SECtest', `${NOW}\nSECtest`, 'base64'));
  });

  it('of DingTalk travels in the query, percent-encoded, beside the token', () => {
    const secret = { url: 'https://oapi.dingtalk.com/robot/send?access_token=abc', secret: 'SECtest' };
    const request = DINGTALK.request(ALERT, secret, declarationOf('dingtalk'), 1_700_000_000_000);
    expect(request?.url).toBe(
      'https://oapi.dingtalk.com/robot/send?access_token=abc&timestamp=1700000000000&sign=aZLLrriXgn05YbwaGR7knYsLeJADjr9NwLaNNKpxh4g%3D',
    );
  });

  it('of Feishu is HMAC of nothing by timestamp and secret, in seconds', () => {
    expect(feishuSign('SECtest', '1700000000')).toBe('G7XpBpG8NgG02fJOAhX6FRAObIljmFoxVReo8I62pEk=');
    expect(feishuSign('other', '1800000000')).toBe(openssl('1800000000\nother', '', 'base64'));
  });

  it('of a webhook is HMAC of timestamp and body', () => {
    const headers = signedHeaders('whsec_test', '{"hello":"world"}', 1_700_000_000_999);
    expect(headers['Perennial-Timestamp']).toBe('1700000000');
    expect(headers['Perennial-Signature']).toBe('v1=f592bbf3951cfc94e560eecfb5d9dd4da6b0fff2e626235f8ab4b54860925d0b');
    expect(openssl('whsec_test', '1700000000.{"hello":"world"}', 'hex')).toBe(
      'f592bbf3951cfc94e560eecfb5d9dd4da6b0fff2e626235f8ab4b54860925d0b',
    );
  });
});
