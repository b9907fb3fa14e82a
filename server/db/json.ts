import type { Prisma } from './generated/client.ts';

/** A value that a zod schema has made, for a JSON column: its types allow unknown further fields, which Prisma's do not. */
export function asJson(value: object): Prisma.InputJsonObject {
  return value as Prisma.InputJsonObject;
}
