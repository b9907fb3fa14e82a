import { createServer } from 'node:http';
import { join } from 'node:path';
import next from 'next';
import { readConfig } from '../platform/config.ts';
import { createLogger } from '../platform/logger.ts';
import { registerAgentVersion } from '../services/agents/register-version.ts';
import { untilStopped } from './process-life.ts';
import { webDeps } from './web-deps.ts';

const config = readConfig(process.env);
const logger = createLogger('web', config.logLevel);
const { hostname, port } = listenAddress();

/** Long enough for an upload over a slow link; Node's default of five minutes would cut it. */
const REQUEST_TIMEOUT_MS = 6 * 3_600_000;

const app = next({ dev: false, dir: process.cwd(), hostname, port });
await app.prepare();
const handle = app.getRequestHandler();
const server = createServer(
  { requestTimeout: REQUEST_TIMEOUT_MS },
  (request, response) => void handle(request, response),
);
server.on('error', (error) => {
  logger.error({ err: error }, `cannot listen on ${hostname}:${port}`);
  process.exit(1);
});
server.listen(port, hostname, () => {
  logger.info({ url: config.url }, 'serving');
  process.send?.('ready');
});
void offerAgent();
await untilStopped();
server.close();
server.closeAllConnections(); // Live streams would keep the server up for ever.
process.exit(0);

/** The agent that this server brings can be given to devices; without it everything else works. */
async function offerAgent(): Promise<void> {
  try {
    const version = await registerAgentVersion(await webDeps(), join(config.agentDir, 'dist', 'package'));
    if (version !== null) logger.info({ version }, 'devices can be upgraded to the agent of this server');
  } catch (error) {
    logger.error({ err: error }, 'the agent of this server cannot be given to devices');
  }
}

function listenAddress(): { hostname: string; port: number } {
  const url = new URL(process.env.FLOTILLA_LISTEN_URL ?? config.url);
  return { hostname: url.hostname, port: Number(url.port || 80) };
}
