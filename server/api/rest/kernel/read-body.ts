import { AppError } from '../../../domain/errors.ts';

/** Largest JSON body; uploads are streamed and have a limit of their own. */
const MAX_BODY_BYTES = 1024 * 1024;

/** What the request says that its body is, in lower case and without parameters. */
export function mediaTypeOf(request: Request): string | undefined {
  return request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
}

/** Reads a bounded body as text. @throws AppError `payload_too_large` */
export async function readTextBody(request: Request, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > maxBytes)
      throw new AppError({ code: 'payload_too_large', userMessage: `The body is larger than ${maxBytes} bytes.` });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Reads a bounded JSON body. @throws AppError `unsupported_media_type`, `payload_too_large` or `invalid` */
export async function readJsonBody(request: Request, maxBytes = MAX_BODY_BYTES): Promise<unknown> {
  if (mediaTypeOf(request) !== 'application/json')
    throw new AppError({ code: 'unsupported_media_type', userMessage: 'Send the body as application/json.' });
  const text = await readTextBody(request, maxBytes);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError({ code: 'invalid', reason: 'not_json', userMessage: 'The body is not valid JSON.', cause });
  }
}
