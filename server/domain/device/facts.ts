import { DeviceFacts } from '@flotilla/protocol';
import type * as z from 'zod';

/** A device's facts as far as it has reported them. */
export const KnownFacts = DeviceFacts.partial();
export type KnownFacts = z.infer<typeof KnownFacts>;
