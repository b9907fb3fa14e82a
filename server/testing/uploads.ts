import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Db } from '../db/client.ts';
import { varint } from '../domain/onnx/test-encoder.ts';
import { CreateKey, createKey } from '../services/api-keys/create-key.ts';
import type { TestOrganization } from './organizations.ts';

const CHUNK_BYTES = 1024 * 1024;
/** A prime, so that no chunk looks like its neighbour. */
const PERIOD = 4099;
/** Chunks are windows into this at moving offsets, so that one that is lost, doubled or misplaced changes the digest. */
const padding = Buffer.alloc(
  CHUNK_BYTES + PERIOD,
  Uint8Array.from({ length: PERIOD }, (_, at) => (at * at) >> 3),
);
const UNKNOWN_FIELD = 1000n;
const LENGTH_DELIMITED = 2n;

/** A valid model of any size, the same at every call: behind a whole one stands a field that readers must jump over. */
export function* paddedModel(onnx: Uint8Array, paddingBytes: number): Generator<Uint8Array> {
  const tag = [...varint(UNKNOWN_FIELD * 8n + LENGTH_DELIMITED), ...varint(BigInt(paddingBytes))];
  yield Buffer.concat([onnx, Uint8Array.from(tag)]);
  for (let at = 0; at < paddingBytes; at += CHUNK_BYTES) {
    const from = (at / CHUNK_BYTES) % PERIOD;
    yield padding.subarray(from, from + Math.min(CHUNK_BYTES, paddingBytes - at));
  }
}

const LAST_CHUNK = '0\r\n\r\n';
const BOUNDARY = 'a-line-between-parts';

/** What an upload of one model looks like: as itself, and as the form that the console sends. */
export const uploadForms = {
  'the file itself': { type: 'application/octet-stream', of: (chunks: Iterable<Uint8Array>) => chunks },
  'a form': {
    type: `multipart/form-data; boundary=${BOUNDARY}`,
    of: function* (chunks: Iterable<Uint8Array>): Generator<Uint8Array> {
      yield Buffer.from(`--${BOUNDARY}\r\ncontent-disposition: form-data; name="model"; filename="model.onnx"\r\n\r\n`);
      yield* chunks;
      yield Buffer.from(`\r\n--${BOUNDARY}--\r\n`);
    },
  },
};

/** A key that may register and read models. */
export async function uploadKey(db: Db, { owner }: TestOrganization): Promise<string> {
  const input = CreateKey.parse({ name: 'uploads', scopes: ['models:read', 'models:write'], expiresInS: null });
  return (await createKey({ db, now: () => new Date() }, owner, input)).secret;
}

type Upload = {
  url: string;
  key: string;
  type: string;
  /** Sent without a length unless one is announced. When they are left out, nothing follows the headers. */
  chunks?: Iterable<Uint8Array>;
  announcedBytes?: number;
};

type Answer = { status: number | undefined; type: string | undefined; body: unknown };

/** Who announces to close the connection behind the request is cut off with the answer, and may not get to read it. */
const keepingAlive = new Agent({ keepAlive: true });

/** Sends bytes as they are made, and hangs up once there is an answer, as curl does when it is refused. */
export async function upload({ url, key, type, chunks, announcedBytes }: Upload): Promise<Answer> {
  const length = announcedBytes === undefined ? {} : { 'content-length': announcedBytes };
  const headers = { authorization: `Bearer ${key}`, 'content-type': type, ...length };
  const sending = request(url, { method: 'POST', headers, agent: keepingAlive });
  const answered = once(sending, 'response');
  sending.on('error', () => undefined); // It fails what is awaited here; behind the answer it is no news.
  if (chunks) Readable.from(chunks, { objectMode: false }).pipe(sending);
  else sending.flushHeaders();
  try {
    const [response] = (await answered) as [IncomingMessage];
    const text = Buffer.concat(await response.toArray()).toString('utf8');
    return { status: response.statusCode, type: response.headers['content-type'], body: JSON.parse(text) };
  } finally {
    sending.destroy();
  }
}

/** Sends as browsers do: all of it, and only then a look at the answer. The connection is as good as new for the next upload. */
export async function sendAllThenRead(socket: Socket, { url, key, type, chunks = [] }: Upload): Promise<Answer> {
  const { host, pathname, search } = new URL(url);
  const framed = function* (): Generator<string | Uint8Array> {
    yield `POST ${pathname}${search} HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${key}\r\ncontent-type: ${type}\r\n`;
    yield 'transfer-encoding: chunked\r\n\r\n';
    for (const chunk of chunks) {
      yield `${chunk.length.toString(16)}\r\n`;
      yield chunk;
      yield '\r\n';
    }
    yield LAST_CHUNK;
  };
  await pipeline(Readable.from(framed(), { objectMode: false }), socket, { end: false });
  let text = '';
  for await (const data of socket.iterator({ destroyOnReturn: false })) {
    text += data;
    if (text.endsWith(LAST_CHUNK)) break;
  }
  return {
    status: Number(/^HTTP\/1.1 (\d+)/.exec(text)?.[1]),
    type: /^content-type: (.*)$/im.exec(text)?.[1],
    body: JSON.parse(/\{.*\}/s.exec(text)?.[0] ?? 'null'),
  };
}
