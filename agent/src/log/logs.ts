import type { Logger } from '../logger.ts';
import { LogFile } from './log-file.ts';
import { LogLevels } from './log-level.ts';
import { LogSender } from './log-sender.ts';

type Ports = {
  logger: Logger;
  dir: string;
  publish: (payload: string) => void;
  isConnected: () => boolean;
  now: () => number;
};

/** Where the log goes, on disk and to the server, and from which level on. */
export class Logs {
  readonly levels: LogLevels;
  readonly #file: LogFile;
  readonly #sender: LogSender;

  constructor({ logger, dir, ...sending }: Ports) {
    this.levels = new LogLevels(logger);
    this.#file = new LogFile(dir);
    this.#sender = new LogSender(sending);
    logger.addSink((entry) => {
      this.#file.add(entry);
      this.#sender.add(entry);
    });
  }

  connected(): void {
    this.#sender.connected();
  }

  /** The newest lines on disk. */
  read(): Promise<string> {
    return this.#file.read();
  }

  /** Sends no more; resolves when the disk has what was said. */
  async close(): Promise<void> {
    this.#sender.stop();
    await this.#file.close();
  }
}
