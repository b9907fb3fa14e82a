import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gatherRootfs } from '../../../runner/rootfs.ts';
import type { Docker } from './docker.ts';

const dockerfile = join(import.meta.dirname, '../../../runner/Dockerfile');

/** Bytes of each of the three layers of the big image. They do not compress. */
export const BIG_LAYER_BYTES = 8_000_000;

/** Long enough to be proved and to serve, short enough to fall in its observation. */
const FALL_AFTER_MS = 8_000;

/** A companion that asks the model beside it, ten times a second, and says so. */
const COMPANION = `
const url = process.env.FLOTILLA_RUNNER_URL + '/v2/models/' + process.env.FLOTILLA_MODEL_NAME;
setInterval(() => fetch(url).then((r) => console.log('asked', r.status), (e) => console.log(e.message)), 100);
process.on('SIGTERM', () => process.exit(0));
`;

/** Passes every request on to the host of its argument, as a KServe transformer does to its predictor. */
const FRONT = `
const http = require('node:http');
const [host, port] = process.argv[2].split(':');
http.createServer((request, response) => {
  const { method, url, headers } = request;
  const asked = http.request({ host, port, method, path: url, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  asked.on('error', () => response.writeHead(503).end());
  request.pipe(asked);
}).listen(Number(process.env.FLOTILLA_PORT));
process.on('SIGTERM', () => process.exit(0));
`;

/**
 * Builds our runner's image on a closed network, and images over it: one with another digest, a companion, one that fails at once, one
 * that falls after some seconds of good work. `big` has nothing but layers.
 */
export async function buildImages(docker: Docker, dir: string): Promise<void> {
  const context = join(dir, 'runner');
  mkdirSync(context, { recursive: true });
  await gatherRootfs(join(context, 'rootfs'));
  cpSync(dockerfile, join(context, 'Dockerfile'));
  await docker.build(context, 'runner:1', { target: 'closed' });
  const build = async (name: string, text: string, files: Record<string, string | Buffer> = {}) => {
    const folder = join(dir, name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'Dockerfile'), `${text}\n`);
    for (const [path, content] of Object.entries(files)) writeFileSync(join(folder, path), content);
    await docker.build(folder, `${name}:1`);
  };
  const over = 'FROM runner:1\n';
  await build('second', `${over}LABEL version=2`);
  const big = [1, 2, 3].map((n) => `big${n}`);
  const copies = big.map((name) => `COPY ${name} /${name}`).join('\n');
  await build(
    'big',
    `FROM scratch\n${copies}`,
    Object.fromEntries(big.map((name) => [name, randomBytes(BIG_LAYER_BYTES)])),
  );
  await build(
    'companion',
    `${over}COPY companion.js /companion.js\nENTRYPOINT ["/flotilla/bin/node", "/companion.js"]`,
    {
      'companion.js': COMPANION,
    },
  );
  await build('front', `${over}COPY front.js /front.js\nENTRYPOINT ["/flotilla/bin/node", "/front.js"]`, {
    'front.js': FRONT,
  });
  const node = (script: string) => `${over}ENTRYPOINT ${JSON.stringify(['/flotilla/bin/node', '-e', script])}`;
  await build('failing', node("console.log('no such thing'); process.exit(3)"));
  await build('falling', node(`setTimeout(() => process.exit(9), ${FALL_AFTER_MS}); import('/flotilla/runner.mjs')`));
}
