import { startTestStack } from '../../server/testing/stack.ts';
import { endAgent } from './agent.ts';
import { shareStack } from './shared.ts';

/** Windows come often, so that nobody waits for evidence. */
const OVERRIDES = { FLOTILLA_TELEMETRY_WINDOW_S: '2' };

/** Brings up a whole, empty Flotilla for the run, and takes it down with all its data. */
export default async function setUp(): Promise<() => Promise<void>> {
  const { url, dir, databaseUrl, remove } = await startTestStack(OVERRIDES);
  shareStack({ url, dir, databaseUrl });
  return async () => {
    await endAgent(dir);
    await remove();
  };
}
