import { PassThrough, Readable } from 'node:stream';
import { fileRoles } from '@flotilla/protocol';
import busboy from 'busboy';
import { AppError } from '../../domain/errors.ts';
import { sourceRoles, type UploadPart } from '../../services/models/register-version.ts';

/** Parts of one upload; the service has a limit of its own for files. */
const MAX_PARTS = 100;

/** The length of the whole body, when the sender knows it. */
export function announcedBytes(request: Request): number | undefined {
  const length = request.headers.get('content-length');
  return length === null ? undefined : Number(length);
}

/**
 * The files of an upload as they arrive, one after the other: a raw body is the model itself, multipart names each file's role and path.
 * When nobody wants the rest, it is read to its end and thrown away: the connection stays good for the sender's next request, and one
 * who reads the answer only after sending all gets to read it.
 */
export function uploadParts(request: Request, modelPath: string): AsyncIterable<UploadPart> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (!request.body)
    throw new AppError({
      code: 'invalid',
      reason: 'empty',
      userMessage: 'The request has no body. Send the .onnx file.',
    });
  const body = Readable.fromWeb(request.body as Parameters<typeof Readable.fromWeb>[0]);
  body.on('error', () => undefined); // Who reads it hears of it. When nobody does any more, the sender may hang up.
  if (type === 'multipart/form-data') return multipart(body, request.headers.get('content-type') ?? '');
  if (type === 'application/octet-stream' || type === 'application/onnx') return single(body, modelPath);
  throw new AppError({
    code: 'unsupported_media_type',
    userMessage: 'Send the file as application/octet-stream, or several as multipart/form-data.',
  });
}

async function* single(body: Readable, path: string): AsyncGenerator<UploadPart> {
  try {
    yield { path, role: 'model', bytes: wholeOrCutOff(body) };
  } finally {
    body.resume();
  }
}

async function* multipart(body: Readable, contentType: string): AsyncGenerator<UploadPart> {
  const parser = openParser(contentType);
  const parts = new PassThrough({ objectMode: true, highWaterMark: 1 });
  parser.on('file', (role, stream, { filename }) => {
    stream.on('error', (error) => parts.destroy(cutOff(error)));
    parts.write({ role, path: filename, bytes: stream });
  });
  parser.on('error', (error) => parts.destroy(cutOff(error)));
  parser.on('close', () => parts.end());
  body.on('error', (error) => parts.destroy(cutOff(error)));
  body.pipe(parser);
  try {
    for await (const { role, path, bytes } of parts as AsyncIterable<{ role: string; path: string; bytes: Readable }>) {
      yield { role: roleOf(role), path: path ?? '', bytes: wholeOrCutOff(bytes) };
    }
  } finally {
    body.unpipe(parser);
    body.resume();
  }
}

/** Bytes that end early fail in the words of an upload, whichever of socket, web stream and parser noticed it first. */
async function* wholeOrCutOff(bytes: Readable): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes.iterator({ destroyOnReturn: false });
  } catch (error) {
    throw cutOff(error);
  }
}

function openParser(contentType: string): busboy.Busboy {
  try {
    return busboy({
      headers: { 'content-type': contentType },
      preservePath: true,
      limits: { parts: MAX_PARTS, fieldNameSize: 100, headerPairs: 50 },
    });
  } catch (cause) {
    throw new AppError({
      code: 'invalid',
      reason: 'multipart',
      userMessage: 'The multipart body has no boundary.',
      cause,
    });
  }
}

const uploadRoles = [...fileRoles, ...sourceRoles];

function roleOf(role: string): UploadPart['role'] {
  const known = uploadRoles.find((each) => each === role);
  if (known) return known;
  throw new AppError({
    code: 'invalid',
    reason: 'file_role',
    userMessage: `"${role.slice(0, 50)}" is not a file role. Use one of ${uploadRoles.join(', ')} as the field name.`,
  });
}

function cutOff(cause: unknown): AppError {
  return new AppError({
    code: 'invalid',
    reason: 'upload_cut_off',
    userMessage: 'The upload was cut off. Nothing was kept; upload the files again.',
    cause,
  });
}
