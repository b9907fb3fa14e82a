import { Agent } from '../agent/agent.ts';
import { openDurable } from '../agent/durable.ts';
import { openMachine } from '../agent/machine.ts';
import { openIdentity } from '../agent/open-identity.ts';
import type { AgentOptions } from '../agent/options.ts';
import { holdFolder } from '../agent/single-instance.ts';
import { delay } from '../delay.ts';

/** After a decommission's answer went out; the connection is closed in good order within it. */
const LAST_WORDS_MS = 300;

/**
 * Runs until `signal` aborts, or until the server decommissions the device; then nothing of it is left on disk. Resolves with `restart` when
 * another program is to take this one's place.
 */
export async function runAgent(options: AgentOptions, signal: AbortSignal): Promise<'end' | 'restart'> {
  const { fs, layout, logger } = options;
  await fs.makeDir(layout.dir);
  await holdFolder(layout.dir);
  const opened = await openIdentity(fs, layout);
  if (!opened) throw new Error(`${layout.dir} is not enrolled: run "flotilla-agent enroll" first`);
  const decommissioned = new AbortController();
  const restarted = new AbortController();
  const durable = await openDurable(options, opened);
  const agent = new Agent(options, opened, durable, await openMachine(options), (why) =>
    (why === 'restart' ? restarted : decommissioned).abort(),
  );
  const endpoint = await agent.start();
  logger.log('info', 'running', { deviceId: opened.identity.deviceId, endpoint });
  await whenAborted(AbortSignal.any([signal, decommissioned.signal, restarted.signal]));
  if (decommissioned.signal.aborted) await delay(LAST_WORDS_MS);
  await agent.stop();
  if (!decommissioned.signal.aborted) return restarted.signal.aborted && !signal.aborted ? 'restart' : 'end';
  for (const name of await fs.list(layout.dir)) {
    if (['identity', 'state', 'spool', 'agent', 'artifacts', 'slots', 'run', 'logs'].includes(name))
      await fs.removeTree(`${layout.dir}/${name}`);
  }
  await fs.syncDir(layout.dir);
  logger.log('info', 'decommissioned: keys and state are gone');
  return 'end';
}

function whenAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
