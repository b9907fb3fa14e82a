import {
  EventMessage,
  LogBatch,
  MAX_MESSAGE_BYTES,
  MAX_STATE_BYTES,
  MAX_TELEMETRY_BYTES,
  parseTopic,
  Reply,
  Reported,
  Session,
  Telemetry,
} from '@flotilla/protocol';
import type * as z from 'zod';
import { compileCheck } from './compile-check.ts';

/** `isRetained`: the broker kept it, and the device said it some time before it was received. */
export type IncomingMessage = { topic: string; payload: Uint8Array; receivedAt: Date; isRetained?: boolean };

type Body =
  | { kind: 'session'; body: Session }
  | { kind: 'reported'; body: Reported }
  | { kind: 'events'; body: EventMessage }
  | { kind: 'telemetry'; body: Telemetry }
  | { kind: 'log'; body: LogBatch }
  | { kind: 'reply'; body: Reply };

export type ParsedMessage = Body & { deviceId: string; receivedAt: Date; isRetained: boolean };

export type Refusal = {
  deviceId: string;
  kind: string;
  code: 'too_large' | 'not_json' | 'malformed' | 'unknown_device' | 'not_stored';
  detail: string;
};

export type Parsed = { ok: true; message: ParsedMessage } | { ok: false; refusal: Refusal };

const limits = {
  session: MAX_MESSAGE_BYTES,
  reported: MAX_STATE_BYTES,
  events: MAX_MESSAGE_BYTES,
  telemetry: MAX_TELEMETRY_BYTES,
  log: MAX_MESSAGE_BYTES,
  reply: MAX_MESSAGE_BYTES,
} as const;
const schemas = {
  session: Session,
  reported: Reported,
  events: EventMessage,
  telemetry: Telemetry,
  log: LogBatch,
  reply: Reply,
} as const;

/** Most of what a server reads is right; that is told at a fraction of a full parse, which is left to what is not. */
const rightChecks: Partial<Record<keyof typeof schemas, (value: unknown) => boolean>> = {
  reported: compileCheck(Reported),
  events: compileCheck(EventMessage),
  telemetry: compileCheck(Telemetry),
};

/** Reads one message from a device. Null for what is not for the server, or empties a retained topic. The topic alone says whose it is. */
export function parseMessage({ topic, payload, receivedAt, isRetained = false }: IncomingMessage): Parsed | null {
  const parsed = parseTopic(topic);
  if (!parsed || payload.length === 0) return null;
  const { deviceId, kind, id } = parsed;
  if (kind === 'desired' || kind === 'ack' || kind === 'cmd') return null;
  const refuse = (code: Refusal['code'], detail: string): Parsed => ({
    ok: false,
    refusal: { deviceId, kind, code, detail: printable(detail).slice(0, 500) },
  });
  if (payload.length > limits[kind]) return refuse('too_large', `${payload.length} bytes, at most ${limits[kind]}`);
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString('utf8'));
  } catch (error) {
    return refuse('not_json', error instanceof Error ? error.message : 'not JSON');
  }
  if (rightChecks[kind]?.(json))
    return { ok: true, message: { deviceId, receivedAt, isRetained, kind, body: json } as ParsedMessage };
  const result = schemas[kind].safeParse(json);
  if (!result.success) return refuse('malformed', sentenceOf(result.error));
  if (id !== undefined && 'id' in result.data && result.data.id !== id)
    return refuse('malformed', 'a reply on the topic of another command');
  return { ok: true, message: { deviceId, receivedAt, isRetained, kind, body: result.data } as ParsedMessage };
}

/** A parser's message quotes what the device sent; PostgreSQL takes no NUL in a text, and nobody reads the other control characters. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ');
}

function sentenceOf(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue ? `${issue.path.join('.') || 'message'}: ${issue.message}` : 'malformed';
}
