import * as z from 'zod';
import { startPostgres } from './local/postgres-server.ts';
import { postgresSettings } from './local/postgres-settings.ts';
import { untilStopped } from './process-life.ts';

const Environment = z.object({
  FLOTILLA_POSTGRES_DIR: z.string(),
  FLOTILLA_POSTGRES_PORT: z.coerce.number(),
  FLOTILLA_POSTGRES_PASSWORD: z.string(),
});

/** Connections of web, worker, broker and a person's psql, with room. */
const FLAGS = ['-c', 'max_connections=100', '-c', 'log_min_messages=warning', ...postgresSettings()];

const env = Environment.parse(process.env);
const server = await startPostgres({
  dataDir: env.FLOTILLA_POSTGRES_DIR,
  port: env.FLOTILLA_POSTGRES_PORT,
  password: env.FLOTILLA_POSTGRES_PASSWORD,
  flags: FLAGS,
});
process.send?.({ ready: true });
await Promise.race([untilStopped(), server.exited]);
await server.stop();
process.exit(0);
