import * as z from 'zod';
import { ReasonError } from '../../reason-error.ts';
import { awayError, type Engine } from './engine.ts';

/** Unpacking a big image onto an SD card takes minutes without a word. */
const LOAD_TIMEOUT_MS = 30 * 60_000;
const MAX_LINE_LENGTH = 64 * 1024;

const Line = z.looseObject({ error: z.string().optional() });
export const EngineImage = z.looseObject({
  Id: z.string(),
  Config: z.looseObject({ User: z.string().optional() }).nullish(),
});
export type EngineImage = z.infer<typeof EngineImage>;

/** The image that carries this tag; null when there is none. */
export function findImage(engine: Engine, tag: string): Promise<EngineImage | null> {
  return engine.find({ method: 'GET', path: `/images/${tag}/json` }, EngineImage);
}

/** Hands an archive over. An engine that fails says so in the middle of an answer with status 200. */
export async function loadImage(
  engine: Engine,
  archive: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const call = {
    method: 'POST',
    path: '/images/load',
    query: { quiet: '1' },
    signal,
    timeoutMs: LOAD_TIMEOUT_MS,
  } as const;
  const response = await engine.open(call, archive);
  let rest = '';
  for await (const chunk of arriving(response)) {
    const lines = `${rest}${chunk}`.split('\n');
    rest = (lines.pop() ?? '').slice(-MAX_LINE_LENGTH);
    for (const line of lines) check(line);
  }
  check(rest);
}

async function* arriving(response: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* response;
  } catch (error) {
    throw awayError('/images/load', error);
  }
}

function check(line: string): void {
  if (line.trim() === '') return;
  let parsed: ReturnType<typeof Line.safeParse>;
  try {
    parsed = Line.safeParse(JSON.parse(line));
  } catch {
    return;
  }
  const error = parsed.data?.error;
  if (error !== undefined) throw new ReasonError(codeOf(error), `the engine did not take the image: ${error.trim()}`);
}

/** The engine computes the digest of every unpacked layer against the image's configuration. */
function codeOf(error: string) {
  if (/invalid diffID|digest|checksum/i.test(error)) return 'verify.digest';
  return /no space left/i.test(error) ? 'storage.full' : 'container.engine';
}
