import { ACMClient } from '@aws-sdk/client-acm';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient } from '@aws-sdk/client-iam';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, it } from 'vitest';
import { createAcmPort } from '../../lambdas/targets/acm.ts';
import { MOTO, type Moto, startMoto } from '../../local/peers/moto.ts';
import { pythonInterpreter } from '../../local/peers/python.ts';
import { makeCertificate } from '../support/certificates.ts';
import { callEc2 } from '../support/emulator/raw-call.ts';
import { peerOrSkip } from '../support/peers.ts';
import { objectContract, secretContract } from '../targets/export-contract.ts';
import { type ListenerBench, listenerContract } from '../targets/listener-contract.ts';
import { serverCertificateContract } from '../targets/server-certificate-contract.ts';

const NAME = `moto ${MOTO.version}`;

if ((await peerOrSkip(NAME, () => pythonInterpreter(MOTO))) === undefined) {
  it.todo(`the contracts of the targets in AWS on ${NAME}`);
} else {
  let moto: Moto | undefined;
  let made = 0;

  beforeAll(async () => {
    moto = await startMoto();
  });

  afterAll(async () => {
    await moto?.stop();
  });

  const settings = () => {
    if (moto === undefined) throw new Error('moto does not run');
    return moto.client;
  };

  const importCertificate = async (): Promise<string> => {
    const acm = createAcmPort({ client: new ACMClient(settings()), table: 'contract' });
    made += 1;
    const certificate = await makeCertificate({ domains: [`contract-${made}.test`], commonName: 'contract.test' });
    return acm.importCertificate(certificate, { certificate: `contract-${made}`, target: 'listener' });
  };

  /** The account has a VPC with subnets from the start. */
  const openListener = async (): Promise<ListenerBench> => {
    const client = new ElasticLoadBalancingV2Client(settings());
    const [defaultArn, otherArn] = [await importCertificate(), await importCertificate()];
    const xml = await callEc2(settings(), 'DescribeSubnets');
    const Subnets = [...xml.matchAll(/<subnetId>([^<]+)/g)].flatMap(([, id]) => id ?? []).slice(0, 2);
    const { LoadBalancers } = await client.send(new CreateLoadBalancerCommand({ Name: `contract-${made}`, Subnets }));
    const { TargetGroups } = await client.send(
      new CreateTargetGroupCommand({ Name: `contract-${made}`, TargetType: 'lambda' }),
    );
    const { Listeners } = await client.send(
      new CreateListenerCommand({
        LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn,
        Protocol: 'HTTPS',
        Port: 443,
        Certificates: [{ CertificateArn: defaultArn }],
        DefaultActions: [{ Type: 'forward', TargetGroupArn: TargetGroups?.[0]?.TargetGroupArn }],
      }),
    );
    return { client, listenerArn: Listeners?.[0]?.ListenerArn ?? '', defaultArn, otherArn };
  };

  // https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Listener.html
  const reason = 'DescribeListeners names all certificates, not the default alone';
  const differences = {
    'has the certificate beside its default, which stays, and once': { seen: /to deeply equal/, reason },
    'gives up a certificate beside its default, and says so twice': { seen: /expected false to be true/, reason },
  };
  listenerContract({ name: NAME, differences }, openListener);

  serverCertificateContract(
    {
      name: NAME,
      differences: {
        'with a key of another certificate is refused': {
          seen: /instead of rejecting/,
          reason: 'a key is not compared',
        },
      },
    },
    () => new IAMClient(settings()),
  );

  const secretDifferences = {
    'holds the next version, and the one before again when that is put back': {
      seen: /to deeply equal/,
      reason: 'without a stage GetSecretValue answers the version that was written last',
    },
  };
  secretContract({ name: NAME, differences: secretDifferences }, () => new SecretsManagerClient(settings()));

  objectContract({ name: NAME }, async () => {
    const client = new S3Client({ ...settings(), forcePathStyle: true });
    await client.send(new CreateBucketCommand({ Bucket: 'contract' }));
    return { client, bucket: 'contract' };
  });
}
