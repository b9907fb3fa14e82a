import { randomUUID } from 'node:crypto';
import { EnrollRequest, RegistryTokenRequest, RenewRequest, Sha256 } from '@flotilla/protocol';
import * as z from 'zod';
import { clientAddress } from '../../auth/client-address.ts';
import { authenticateDevice } from '../../auth/device-credentials.ts';
import { findDesired } from '../../db/desired-states.ts';
import { forTenant } from '../../db/scope.ts';
import { AppError, notFound } from '../../domain/errors.ts';
import { type WebDeps, webDeps } from '../../main/web-deps.ts';
import { receiveArchive } from '../../services/commands/receive-archive.ts';
import { findDeviceArtifact } from '../../services/devices/find-artifact.ts';
import { enrollDevice } from '../../services/enrollment/enroll-device.ts';
import { renewCertificate } from '../../services/enrollment/renew-certificate.ts';
import { issueRegistryToken } from '../../services/registries/issue-token.ts';
import { serveBytes } from '../bytes.ts';
import { failureProblem } from '../failure.ts';
import { fieldErrors } from '../rest/kernel/problem.ts';
import { readJsonBody } from '../rest/kernel/read-body.ts';

const PREFIX = '/api/agent/v1/';

/** The HTTPS side of the device protocol. */
export async function handleAgent(request: Request): Promise<Response> {
  const deps = await webDeps();
  const requestId = randomUUID();
  const path = new URL(request.url).pathname.slice(PREFIX.length);
  try {
    return await answer(deps, request, path);
  } catch (error) {
    return failureProblem(error, {
      ...deps,
      requestId,
      what: 'a device request failed',
      path,
      detail: 'Try again later.',
    });
  }
}

async function answer(deps: WebDeps, request: Request, path: string): Promise<Response> {
  const [, commandId] = /^commands\/([0-9a-f-]{36})\/archive$/.exec(path) ?? [];
  const call = `${request.method} ${path.startsWith('artifacts/') ? 'artifacts' : commandId ? 'archive' : path}`;
  switch (call) {
    case 'POST enroll':
      return json(
        201,
        await enrollDevice(deps, await parseBody(EnrollRequest, request), { address: clientAddress(request.headers) }),
      );
    case 'GET time':
      return new Response(await deps.signer.sign({ serverTime: deps.now().getTime() }), {
        headers: { 'content-type': 'application/jose', 'cache-control': 'no-store' },
      });
    case 'POST renew': {
      const { actor } = await authenticate(deps, request);
      return json(201, await renewCertificate(deps, actor, await parseBody(RenewRequest, request)));
    }
    case 'POST registry-token': {
      const { actor } = await authenticate(deps, request);
      return json(200, await issueRegistryToken(deps, actor, await parseBody(RegistryTokenRequest, request)));
    }
    case 'GET desired':
      return desired(deps, request);
    case 'GET artifacts':
      return artifact(deps, request, path.slice('artifacts/'.length));
    case 'PUT archive':
      return archive(deps, request, commandId ?? '');
    default:
      throw notFound('call');
  }
}

async function desired(deps: WebDeps, request: Request): Promise<Response> {
  const { actor } = await authenticate(deps, request);
  const document = await findDesired(forTenant(deps.db, actor.organizationId), actor.deviceId);
  if (!document) return new Response(null, { status: 204 });
  const etag = `"${document.generation}"`;
  if (request.headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers: { etag } });
  return new Response(document.jws, {
    headers: { 'content-type': 'application/jose', etag, 'cache-control': 'no-store' },
  });
}

async function artifact(deps: WebDeps, request: Request, sha256: string): Promise<Response> {
  const { actor } = await authenticate(deps, request);
  if (!Sha256.safeParse(sha256).success) throw notFound('file');
  const file = await findDeviceArtifact(deps, actor, sha256);
  return serveBytes(request, file, (range) => deps.artifacts.open(sha256, range));
}

async function archive(deps: WebDeps, request: Request, commandId: string): Promise<Response> {
  const { actor } = await authenticate(deps, request);
  if (!z.uuid().safeParse(commandId).success) throw notFound('command');
  const bytes = request.body ?? new ReadableStream<Uint8Array>();
  const sha256 = request.headers.get('flotilla-sha256');
  return json(201, await receiveArchive(deps, actor, { commandId, sha256, bytes }));
}

function authenticate(deps: WebDeps, request: Request): ReturnType<typeof authenticateDevice> {
  const match = /^Bearer\s+(\S+)$/i.exec(request.headers.get('authorization') ?? '');
  return authenticateDevice(deps, match?.[1] ?? '');
}

async function parseBody<T>(schema: z.ZodType<T>, request: Request): Promise<T> {
  const parsed = schema.safeParse(await readJsonBody(request));
  if (parsed.success) return parsed.data;
  const fields = fieldErrors(parsed.error);
  const [first] = fields;
  throw new AppError({
    code: 'invalid',
    reason: first?.pointer === '/token' ? 'token_malformed' : 'invalid_request',
    userMessage: `The request is not right${first ? `: ${first.pointer} ${first.message}` : ''}.`,
    fields,
  });
}

function json(status: number, body: unknown): Response {
  return Response.json(body, { status, headers: { 'cache-control': 'no-store' } });
}
