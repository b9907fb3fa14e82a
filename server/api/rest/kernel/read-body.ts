import { AppError } from '../../../domain/errors.ts';

/** Largest JSON body; uploads are streamed and have a limit of their own. */
const MAX_BODY_BYTES = 1024 * 1024;

/** Reads a bounded JSON body. @throws AppError `unsupported_media_type`, `payload_too_large` or `invalid` */
export async function readJsonBody(request: Request): Promise<unknown> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json')
    throw new AppError({ code: 'unsupported_media_type', userMessage: 'Send the body as application/json.' });
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES)
      throw new AppError({
        code: 'payload_too_large',
        userMessage: `The body is larger than ${MAX_BODY_BYTES} bytes.`,
      });
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (cause) {
    throw new AppError({ code: 'invalid', reason: 'not_json', userMessage: 'The body is not valid JSON.', cause });
  }
}
