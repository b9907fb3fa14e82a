import { pino } from 'pino';
import type { Logger } from '../platform/logger.ts';

export type LogLine = { level: 'debug' | 'info' | 'warn' | 'error'; msg: string; err?: { message: string } } & Record<
  string,
  unknown
>;

/** The product's logger, writing into memory. */
export function recordingLogger(): { logger: Logger; lines: LogLine[] } {
  const lines: LogLine[] = [];
  const formatters = { level: (level: string) => ({ level }) };
  const logger = pino({ level: 'debug', formatters }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  return { logger, lines };
}
