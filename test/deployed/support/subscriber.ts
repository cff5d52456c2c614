import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfirmSubscriptionCommand, type SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';

/** A message of a topic, as SNS posts it. https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html */
export type Posted = { readonly Type: string; readonly Subject?: string; readonly Message: string };

/** An HTTP endpoint on loopback that has subscribed to a topic. */
export type Subscriber = { readonly got: readonly Posted[]; stop(): Promise<void> };

/** Subscribes and confirms, as an endpoint of the user's own would. */
export async function subscribeHttp(sns: SNSClient, TopicArn: string): Promise<Subscriber> {
  const got: Posted[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    response.end();
    const posted = JSON.parse(Buffer.concat(chunks).toString());
    if (posted.Type === 'SubscriptionConfirmation')
      await sns.send(new ConfirmSubscriptionCommand({ TopicArn, Token: posted.Token }));
    else got.push(posted);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'http', Endpoint: `http://127.0.0.1:${port}/alerts` }));
  const stop = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
  };
  return { got, stop };
}
