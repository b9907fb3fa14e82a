import { Prisma } from './generated/client.ts';

/** Prisma's codes for a server that is not reached or does not answer in time, a pool without a free connection, and a transaction that could not begin or lived too long. */
const PRISMA_CODES = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028', 'P2034']);

/** What the driver adapter makes of failures that have no SQLSTATE, and of one that has. */
const ADAPTER_KINDS = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TlsConnectionError',
  'TooManyConnections',
  'TransactionWriteConflict',
]);

/** SQLSTATE classes: connection, transaction rolled back, resources, operator (cancelled, shutting down, starting). */
const SQLSTATES = /^(08|40|53|57)/;

/** A connection that breaks under a statement has no code at all. */
const MESSAGES = /^Connection terminated|timeout exceeded when trying to connect/;

/** Is this the database being away, or too busy, so that the same call may succeed a little later? */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (MESSAGES.test(error.message)) return true;
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return false;
  const { kind, code } = adapterCause(error);
  return PRISMA_CODES.has(error.code) || ADAPTER_KINDS.has(kind) || SQLSTATES.test(code);
}

/** A raw query keeps what the driver adapter said in its `meta`. */
function adapterCause({ meta }: Prisma.PrismaClientKnownRequestError): { kind: string; code: string } {
  const adapterError = meta?.driverAdapterError as { cause?: { kind?: string; code?: string } } | undefined;
  return { kind: adapterError?.cause?.kind ?? '', code: adapterError?.cause?.code ?? '' };
}
