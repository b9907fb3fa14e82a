import { createHash } from 'node:crypto';
import { ArchiveReceipt, MAX_ARCHIVE_BYTES } from '@flotilla/protocol';
import { backoffMs } from '../backoff.ts';
import { agentUrl, callJson, HttpProblem } from '../connection/http.ts';
import { delay } from '../delay.ts';
import { messageOf } from '../logger.ts';
import { ReasonError } from '../reason-error.ts';

const ATTEMPTS = 6;

export type UploadPorts = {
  call: () => Promise<{ apiUrl: string; ca: string; token: string }>;
  random: () => number;
};

/** Hands an archive to the server; tries again while the network is bad. Throws `command.upload` when the server does not want it. */
export async function uploadArchive(
  ports: UploadPorts,
  commandId: string,
  body: Buffer,
  signal: AbortSignal,
): Promise<ArchiveReceipt> {
  if (body.length > MAX_ARCHIVE_BYTES) throw new ReasonError('command.upload', `${body.length} bytes are too many`);
  const sha256 = createHash('sha256').update(body).digest('hex');
  for (let attempt = 0; ; attempt++) {
    try {
      const { apiUrl, ca, token } = await ports.call();
      const headers = {
        authorization: `Bearer ${token}`,
        'content-type': 'application/gzip',
        'flotilla-sha256': sha256,
      };
      const url = agentUrl(apiUrl, `commands/${commandId}/archive`);
      const answer = await callJson({ url, method: 'PUT', headers, body, ca, signal });
      return ArchiveReceipt.parse(answer.body);
    } catch (error) {
      const isFinal = error instanceof HttpProblem && error.status < 500 && error.status !== 429;
      if (isFinal || attempt + 1 >= ATTEMPTS || signal.aborted) {
        throw new ReasonError('command.upload', messageOf(error), { cause: error });
      }
      await delay(backoffMs(attempt, ports.random()), signal);
    }
  }
}
