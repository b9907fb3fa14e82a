import { totalmem } from 'node:os';

const MIB = 2 ** 20;
const [LEAST_MIB, MOST_MIB] = [128, 1024];

/**
 * What PostgreSQL's own defaults, made for a small machine of long ago, cost a fleet: memory for the rows that every device writes again and
 * again, checkpoints so far apart that each page is logged as a whole rarely, sorts of a fleet's rows that never go through the disk, and room of
 * deleted rows found again within seconds: what devices send passes through a table that would grow to a minute of it.
 * docker-compose.yml says the same.
 */
export function postgresSettings(): string[] {
  const buffersMib = Math.min(MOST_MIB, Math.max(LEAST_MIB, Math.floor(totalmem() / 8 / MIB)));
  const settings = [
    `shared_buffers=${buffersMib}MB`,
    'work_mem=16MB',
    'max_wal_size=4GB',
    'checkpoint_timeout=15min',
    'autovacuum_naptime=15s',
  ];
  return settings.flatMap((setting) => ['-c', setting]);
}
