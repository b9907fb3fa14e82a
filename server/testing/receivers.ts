import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export type HttpCall = { path: string; headers: IncomingHttpHeaders; body: string };
export type HttpReceiver = {
  url: string;
  calls: HttpCall[];
  /** What it answers from now on; null: nothing at all. */
  answers: (status: number | null, headers?: Record<string, string>, body?: string) => void;
  stop: () => Promise<void>;
};

/** A real HTTP server that keeps what it was sent. */
export async function startHttpReceiver(): Promise<HttpReceiver> {
  const calls: HttpCall[] = [];
  let answer: { status: number | null; headers: Record<string, string>; body: string } = {
    status: 204,
    headers: {},
    body: '',
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      calls.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
      if (answer.status !== null) response.writeHead(answer.status, answer.headers).end(answer.body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    calls,
    answers: (status, headers = {}, body = '') => {
      answer = { status, headers, body };
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Checks a call as a receiver does that follows https://www.standardwebhooks.com, with code of its own. */
export function isSigned({ headers, body }: HttpCall, secret: string): boolean {
  const [id, timestamp, signature] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map(
    (name) => headers[name],
  );
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const isNow = Math.abs(Date.now() / 1000 - Number(timestamp)) < 300;
  return (
    isNow && signature === `v1,${createHmac('sha256', key).update([id, timestamp, body].join('.')).digest('base64')}`
  );
}

export type Letter = { from: string; to: string[]; text: string; login: string | null };
export type SmtpReceiver = { port: number; letters: Letter[]; stop: () => Promise<void> };

/** A real mail server; it wants this login when one is given. */
export async function startSmtpReceiver(login?: { user: string; password: string }): Promise<SmtpReceiver> {
  const letters: Letter[] = [];
  const server = new SMTPServer({
    authOptional: login === undefined,
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) =>
      username === login?.user && password === login?.password
        ? done(null, { user: username })
        : done(new Error('wrong login')),
    onData: (stream, { envelope, user }, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const from = envelope.mailFrom ? envelope.mailFrom.address : '';
        const text = Buffer.concat(chunks).toString('utf8');
        letters.push({ from, to: envelope.rcptTo.map(({ address }) => address), text, login: user ?? null });
        done();
      });
    },
  });
  server.on('error', () => undefined); // A client that goes away is not the test's concern.
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  return {
    port: (server.server.address() as AddressInfo).port,
    letters,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
