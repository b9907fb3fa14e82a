import { logLevels } from '@flotilla/protocol';

export type LogLevel = (typeof logLevels)[number];

/** One JSON object a line on stderr, so that journald and any collector can read it. */
export type Logger = {
  log(level: LogLevel, message: string, fields?: Record<string, unknown>): void;
  setLevel(level: LogLevel): void;
};

export function createLogger(write: (line: string) => void, now: () => number, level: LogLevel = 'info'): Logger {
  let limit = logLevels.indexOf(level);
  return {
    log(entryLevel, message, fields = {}) {
      if (logLevels.indexOf(entryLevel) > limit) return;
      write(`${JSON.stringify({ at: new Date(now()).toISOString(), level: entryLevel, message, ...fields })}\n`);
    },
    setLevel(next) {
      limit = logLevels.indexOf(next);
    },
  };
}

/** The text of anything thrown, for a log line or a reason's detail. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || ('code' in error ? String(error.code) : error.name);
}
