import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient } from '@aws-sdk/client-iam';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { LoadBalancingAccount } from '../../local/aws/elbv2.ts';
import { IamAccount } from '../../local/aws/iam.ts';
import { S3Account } from '../../local/aws/s3.ts';
import { connectFake } from '../../local/aws/seam.ts';
import { SecretsManagerAccount } from '../../local/aws/secrets-manager.ts';
import { objectContract, secretContract } from './export-contract.ts';
import { listenerContract } from './listener-contract.ts';
import { serverCertificateContract } from './server-certificate-contract.ts';
import { CLIENT_SETTINGS, PLACE } from './stage.ts';

const STRICT = { name: 'the strict fake' };
const [defaultArn, otherArn] = ['1', '2'].map((id) => `arn:aws:acm:us-east-1:123456789012:certificate/${id}`) as [
  string,
  string,
];

listenerContract(STRICT, async () => {
  const account = new LoadBalancingAccount({ ...PLACE, knows: (arn) => arn === defaultArn || arn === otherArn });
  const listenerArn = account.createListener('HTTPS', defaultArn);
  const client = connectFake(new ElasticLoadBalancingV2Client(CLIENT_SETTINGS), account);
  return { client, listenerArn, defaultArn, otherArn };
});

serverCertificateContract(STRICT, () => connectFake(new IAMClient(CLIENT_SETTINGS), new IamAccount(PLACE.accountId)));

secretContract(STRICT, () => connectFake(new SecretsManagerClient(CLIENT_SETTINGS), new SecretsManagerAccount(PLACE)));

objectContract(STRICT, async () => {
  const account = new S3Account();
  account.createBucket('contract');
  return { client: connectFake(new S3Client(CLIENT_SETTINGS), account), bucket: 'contract' };
});
