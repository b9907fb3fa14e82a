import { join } from 'node:path';

/** Where everything lies under the agent's folder. */
export function layoutOf(dir: string) {
  return {
    dir,
    lock: join(dir, 'agent.lock'),
    key: join(dir, 'identity', 'key.pem'),
    identity: join(dir, 'identity', 'identity.json'),
    desired: join(dir, 'state', 'desired.json'),
    upgrade: join(dir, 'state', 'upgrade.json'),
    /** Programs that the agent upgraded itself to, and the launcher's note. */
    programs: join(dir, 'agent'),
    session: join(dir, 'state', 'session.json'),
    commands: join(dir, 'state', 'commands.json'),
    slotJournal: (slot: string) => join(dir, 'state', 'slots', `${slot}.json`),
    slotJournals: join(dir, 'state', 'slots'),
    status: join(dir, 'run', 'status.json'),
    run: join(dir, 'run'),
    logs: join(dir, 'logs'),
    spool: join(dir, 'spool'),
    artifacts: join(dir, 'artifacts'),
    slots: join(dir, 'slots'),
    staged: (slot: string, releaseId: string) => join(dir, 'slots', slot, releaseId),
  };
}
export type Layout = ReturnType<typeof layoutOf>;
