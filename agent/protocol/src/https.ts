import * as z from 'zod';
import { TrustedKey } from './desired-state.ts';
import { DeviceFacts } from './facts.ts';
import { EpochMs, Uuid } from './primitives.ts';

/** `flt_enr_<token id without dashes>_<secret>`. */
export const EnrollmentSecret = z
  .string()
  .regex(/^flt_enr_[0-9a-f]{32}_[A-Za-z0-9_-]{43}$/, 'is not an enrollment token');

/** A PKCS#10 request in PEM. Only its public key is used. */
const CsrPem = z.string().min(100).max(8_000).startsWith('-----BEGIN CERTIFICATE REQUEST-----');

export const EnrollRequest = z.looseObject({
  token: EnrollmentSecret,
  csr: CsrPem,
  facts: DeviceFacts,
  name: z.string().min(1).max(63).optional(),
});
export type EnrollRequest = z.infer<typeof EnrollRequest>;

/** `certificate` and `ca` are PEM. `trustedKeys` are the keys whose desired states the device will obey. */
export const EnrollResponse = z.looseObject({
  deviceId: Uuid,
  certificate: z.string(),
  ca: z.string(),
  mqttUrl: z.url(),
  apiUrl: z.url(),
  trustedKeys: z.array(TrustedKey).min(1),
  serverTime: EpochMs,
});
export type EnrollResponse = z.infer<typeof EnrollResponse>;

export const RenewRequest = z.looseObject({ csr: CsrPem });
export const RenewResponse = z.looseObject({ certificate: z.string(), ca: z.string() });
export type RenewResponse = z.infer<typeof RenewResponse>;

/** Asked before a pull: credentials for the image's registry. Only images of the device's own desired state are answered. */
export const RegistryTokenRequest = z.looseObject({ image: z.string().min(1).max(512) });
export type RegistryTokenRequest = z.infer<typeof RegistryTokenRequest>;

/**
 * What to show the registry: nothing, a short-lived token for pulling this one repository, or the organization's user name
 * and password where the registry has no token service.
 */
export const RegistryTokenResponse = z.discriminatedUnion('scheme', [
  z.looseObject({ scheme: z.literal('none') }),
  z.looseObject({ scheme: z.literal('bearer'), token: z.string().max(16_000), expiresAt: EpochMs }),
  z.looseObject({ scheme: z.literal('basic'), username: z.string().max(500), password: z.string().max(8_000) }),
]);
export type RegistryTokenResponse = z.infer<typeof RegistryTokenResponse>;

/** Every error of the HTTPS API (RFC 9457). `code` is for programs, `detail` says what to do. */
export const Problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string(),
  detail: z.string(),
});
export type Problem = z.infer<typeof Problem>;
