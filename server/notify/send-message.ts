import type { SendMessage } from '../services/alerts/deliver-messages.ts';
import type { AddressPolicy } from './address-policy.ts';
import { sendEmail } from './email.ts';
import { sendSlack } from './slack.ts';
import { sendWebhook } from './webhook.ts';

/** The channels as they are in the world: SMTP, HTTP. */
export function messageSender(policy: AddressPolicy, now: () => Date): SendMessage {
  return async (settings, secret, id, message) => {
    switch (settings.kind) {
      case 'email':
        return await sendEmail(settings, secret, id, message, policy);
      case 'webhook':
        if (!secret) throw new Error('This webhook has no secret to sign with. Make a new one.');
        return await sendWebhook({ url: settings.url, secret }, id, message, now(), policy);
      case 'slack':
        if (!secret) throw new Error('The address of this channel is not known. Set it again.');
        return await sendSlack(secret, message, policy);
    }
  };
}
