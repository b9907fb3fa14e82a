import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const HELP = `npm run compose:env -- [flags]: makes .env for docker-compose.yml, with new secrets; never touches one that is there
  --host NAME        how devices and browsers reach this machine (default: localhost)
  --url URL          how browsers reach web (default: https://NAME; http://localhost:3000 for localhost)
  --mqtt-port PORT   where devices reach the broker (default: 8883)
  --file PATH        default: .env in the project's folder`;

/** 384 random bits, in characters that need no quoting in a URL, a shell or a YAML file. */
const SECRET_BYTES = 48;

const { values: flags } = parseArgs({
  options: {
    host: { type: 'string', default: 'localhost' },
    url: { type: 'string' },
    'mqtt-port': { type: 'string', default: '8883' },
    file: { type: 'string', default: join(import.meta.dirname, '../../.env') },
    help: { type: 'boolean', default: false },
  },
});

try {
  if (flags.help) console.log(HELP);
  else await makeEnv();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

async function makeEnv(): Promise<void> {
  const { host, file } = flags;
  const port = flags['mqtt-port'];
  if (isIP(host) === 0 && !/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(host))
    throw new Error(`"${host}" is no host name. Give the name without scheme or port: --host fleet.example`);
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535) throw new Error(`"${port}" is no port.`);
  const url = new URL(flags.url ?? (host === 'localhost' ? 'http://localhost:3000' : `https://${host}`));
  const lines = [
    '# Made by "npm run compose:env". Keep a copy in a safe place: without these secrets the data cannot be opened.',
    `FLOTILLA_URL=${url.origin}`,
    `FLOTILLA_MQTT_URL=mqtts://${isIP(host) === 6 ? `[${host}]` : host}:${port}`,
    `FLOTILLA_MQTT_PORT=${port}`,
    `POSTGRES_PASSWORD=${newSecret()}`,
    `FLOTILLA_SESSION_SECRET=${newSecret()}`,
    '',
  ];
  await writeFile(file, lines.join('\n'), { mode: 0o600, flag: 'wx' }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EEXIST') throw cause;
    throw new Error(
      `${file} is there already and was not touched. Its secrets open your data; move it away to make another.`,
    );
  });
  console.log(`${file} is made. Next: docker compose up --build --detach --wait`);
}

function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}
