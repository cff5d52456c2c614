import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { lambdaDeliveryPorts } from '../ports/lambda-delivery-ports.ts';
import { logged } from '../ports/logged.ts';
import { workOff } from '../ports/queued-items.ts';
import { deliverAlert } from '../steps/deliver-alert.ts';

const ports = lambdaDeliveryPorts();

/** Called with the messages of one channel's queue. */
export const handler = (event: SQSEvent): Promise<SQSBatchResponse> =>
  logged('deliver-alert', ports, event, () => workOff(event, (item) => deliverAlert(item, ports)));
