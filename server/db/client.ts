import { PrismaPg } from '@prisma/adapter-pg';
import { Prisma, PrismaClient } from './generated/client.ts';

export type Db = PrismaClient;

/** A transaction, or the client itself where no transaction is needed. */
export type Tx = Prisma.TransactionClient;

/** A statement that runs longer than this is cancelled, so that one bad query cannot hold a pool. */
const STATEMENT_TIMEOUT_MS = 15_000;

/** Statements that read much are planned in milliseconds and run in tens; compiling each anew would cost more than it saves. */
const OPTIONS = '-c jit=off';

export function createDb(databaseUrl: string, maxConnections = 10): Db {
  const adapter = new PrismaPg({
    connectionString: databaseUrl,
    max: maxConnections,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    options: OPTIONS,
  });
  return new PrismaClient({ adapter });
}

/** Is this the database saying that a unique key exists already? */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002';
}
