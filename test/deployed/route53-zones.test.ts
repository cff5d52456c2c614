import { ChangeResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import { expect, it } from 'vitest';
import { Route53Account } from '../../local/aws/route53.ts';
import { connectFake } from '../../local/aws/seam.ts';
import { pollRoute53 } from '../../local/deployed/route53-zones.ts';

it('zones are served as Route 53 lists them: name servers, and TXT values that come and go', async () => {
  const account = new Route53Account({ now: Date.now, nameServers: ['ns-1.example', 'ns-2.example'] });
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = connectFake(new Route53Client({ region: 'us-east-1', credentials }), account);
  const HostedZoneId = account.createZone('perennial.test');
  const zones = await pollRoute53(client);
  const change = (Action: 'CREATE' | 'DELETE') => {
    const values = [{ Value: '"one"' }, { Value: '"two" " parts"' }];
    const set = { Name: '_acme-challenge.perennial.test', Type: 'TXT', TTL: 60, ResourceRecords: values } as const;
    const Changes = [{ Action, ResourceRecordSet: set }];
    return client.send(new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes } }));
  };
  const shown = () => zones.source.at('perennial.test', '_acme-challenge.perennial.test').map(({ data }) => data);
  try {
    expect([...zones.source.zones()]).toEqual(['perennial.test']);
    const nameServers = zones.source.at('perennial.test', 'perennial.test').filter(({ type }) => type === 'NS');
    expect(nameServers.map(({ data }) => data)).toEqual(['ns-1.example', 'ns-2.example']);
    await change('CREATE');
    await expect.poll(shown).toEqual(['one', 'two parts']);
    await change('DELETE');
    await expect.poll(shown).toEqual([]);
  } finally {
    await zones.stop();
  }
});
