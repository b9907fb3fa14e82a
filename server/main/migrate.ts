import * as z from 'zod';
import { migrate } from '../../prisma/migrate.ts';

/** One-shot: brings the database to this version's schema. Safe to run again, and from several machines at once. */
const { DATABASE_URL } = z.object({ DATABASE_URL: z.url() }).parse(process.env);
const applied = await migrate(DATABASE_URL);
console.log(applied.length > 0 ? `applied ${applied.join(', ')}` : 'the database is up to date');
