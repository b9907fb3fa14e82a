import * as z from 'zod';

export const Uuid = z.uuid();

/** Lower-case hex SHA-256. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a lower-case hex SHA-256');

/** Milliseconds since the Unix epoch, by the sender's clock. */
export const EpochMs = z.number().int().min(0).max(8_640_000_000_000_000);

/** A sequence number of one boot; starts at 1 and grows by 1 a message. */
export const Seq = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER);

/** Identifies one life of the agent's spool: a UUID made when the spool is created, so that sequence numbers may start again. */
export const BootId = z.uuid();

export const SlotName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be lower-case letters, digits and dashes');

/** A count: whole and not negative. */
export const Count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** A measured quantity that cannot be negative. */
export const Quantity = z.number().min(0);
