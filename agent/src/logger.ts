import { logLevels } from '@flotilla/protocol';

export type LogLevel = (typeof logLevels)[number];
export type LogEntry = { at: number; level: LogLevel; message: string; fields: Record<string, unknown> };

/** One JSON object a line on stderr, so that journald and any collector can read it. */
export type Logger = {
  log(level: LogLevel, message: string, fields?: Record<string, unknown>): void;
  setLevel(level: LogLevel): void;
  /** Gives every entry that passes the level to one more place. */
  addSink(sink: (entry: LogEntry) => void): void;
};

export function createLogger(write: (line: string) => void, now: () => number, level: LogLevel = 'info'): Logger {
  let limit = logLevels.indexOf(level);
  const sinks: ((entry: LogEntry) => void)[] = [];
  return {
    log(entryLevel, message, fields = {}) {
      if (logLevels.indexOf(entryLevel) > limit) return;
      const at = now();
      write(lineOf({ at, level: entryLevel, message, fields }));
      for (const sink of sinks) sink({ at, level: entryLevel, message, fields });
    },
    setLevel(next) {
      limit = logLevels.indexOf(next);
    },
    addSink(sink) {
      sinks.push(sink);
    },
  };
}

export function lineOf({ at, level, message, fields }: LogEntry): string {
  return `${JSON.stringify({ at: new Date(at).toISOString(), level, message, ...fields })}\n`;
}

/** The text of anything thrown, for a log line or a reason's detail. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || ('code' in error ? String(error.code) : error.name);
}
