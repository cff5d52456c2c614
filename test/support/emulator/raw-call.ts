import { request as requestHttp } from 'node:http';
import { type AgentOptions, request as requestHttps } from 'node:https';

/** How any AWS SDK client reaches an emulator. */
export type EmulatorSettings = {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly requestHandler?: { readonly httpsAgent: AgentOptions };
};

/** SQS, of which only tests know, so that no SDK client of it is installed. Throws where it is refused. */
export async function callSqs(settings: EmulatorSettings, action: string, input: object): Promise<unknown> {
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}` };
  return JSON.parse(await post(settings, 'sqs', headers, JSON.stringify(input)));
}

/** IAM, of which only tests know. @returns the XML of the answer. Throws where it is refused. */
export function callIam(settings: EmulatorSettings, action: string, input: Record<string, string>): Promise<string> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const form = new URLSearchParams({ Action: action, Version: '2010-05-08', ...input });
  return post(settings, 'iam', headers, form.toString());
}

/** EC2, of which only tests know. @returns the XML of the answer. Throws where it is refused. */
export function callEc2(settings: EmulatorSettings, action: string): Promise<string> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return post(settings, 'ec2', headers, new URLSearchParams({ Action: action, Version: '2016-11-15' }).toString());
}

/** Emulators read from the signature whose request it is and for which service, but do not check it. */
function authorization({ credentials, region }: EmulatorSettings, service: string): string {
  const scope = `${credentials.accessKeyId}/20260101/${region}/${service}/aws4_request`;
  return `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`;
}

function post(
  settings: EmulatorSettings,
  service: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<string> {
  const { endpoint, requestHandler } = settings;
  const request = endpoint.startsWith('https:') ? requestHttps : requestHttp;
  const signed = { ...headers, authorization: authorization(settings, service) };
  return new Promise((resolve, reject) => {
    const sent = request(endpoint, { method: 'POST', headers: signed, ...requestHandler?.httpsAgent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`${service} answered ${response.statusCode}: ${text}`));
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
