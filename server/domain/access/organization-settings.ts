import * as z from 'zod';
import { OrganizationName } from './account.ts';

/** Days that telemetry is kept. What is coarser is kept at least as long as what it was summed up from. */
export const Retention = z
  .object({
    /** Each device's windows, as it sent them. */
    windowsDays: z.number().int().min(1).max(365),
    /** Sums of a minute, with their sketches. */
    minutesDays: z.number().int().min(1).max(1_100),
    hoursDays: z.number().int().min(1).max(3_700),
  })
  .refine(({ windowsDays, minutesDays }) => windowsDays <= minutesDays, {
    path: ['minutesDays'],
    message: 'Minutes are kept at least as long as windows.',
  })
  .refine(({ minutesDays, hoursDays }) => minutesDays <= hoursDays, {
    path: ['hoursDays'],
    message: 'Hours are kept at least as long as minutes.',
  });
export type Retention = z.infer<typeof Retention>;

export const OrganizationChange = z.object({ name: OrganizationName.optional(), retention: Retention.optional() });
export type OrganizationChange = z.infer<typeof OrganizationChange>;
