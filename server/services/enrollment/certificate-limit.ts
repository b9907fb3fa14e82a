import type { Limit } from '../limits/rate-limit.ts';

/** Each certificate is a row for 90 days; a device needs one every two months. */
export const CERTIFICATES_BY_DEVICE: Limit = {
  name: 'device-certificates',
  max: 20,
  windowS: 3_600,
  what: 'certificates for one device',
};
