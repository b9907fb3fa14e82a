import type { FileRole } from './guess-files.ts';

/** One file to send: its role is the part's field, its path the part's file name. */
export type UploadFile = { path: string; role: FileRole; file: File };

/** Why an upload was refused or broke off, for a person. */
export type UploadFailure = { title: string; detail: string; code: string; requestId: string | undefined };

export type UploadResult = { kind: 'done' } | { kind: 'failed'; failure: UploadFailure } | { kind: 'cancelled' };

type SendOptions = { url: string; files: readonly UploadFile[]; onProgress: (sentBytes: number) => void };

const CREATED = 201;

/**
 * Sends the files as one multipart request, telling how many bytes have left. XMLHttpRequest, for `fetch` does not tell. The
 * model comes last, so that everything it needs is there when it is read.
 */
export function sendFiles({ url, files, onProgress }: SendOptions): {
  result: Promise<UploadResult>;
  cancel: () => void;
} {
  const request = new XMLHttpRequest();
  const body = new FormData();
  const inOrder = [...files].sort((a, b) => Number(a.role === 'model') - Number(b.role === 'model'));
  for (const { role, path, file } of inOrder) body.append(role, file, path);
  const result = new Promise<UploadResult>((resolve) => {
    request.upload.onprogress = ({ loaded }) => onProgress(loaded);
    request.onload = () =>
      resolve(request.status === CREATED ? { kind: 'done' } : { kind: 'failed', failure: failureOf(request) });
    request.onabort = () => resolve({ kind: 'cancelled' });
    request.onerror = () => resolve({ kind: 'failed', failure: brokenOff });
  });
  request.open('POST', url);
  request.setRequestHeader('accept', 'application/json, application/problem+json');
  request.send(body);
  return { result, cancel: () => request.abort() };
}

const brokenOff: UploadFailure = {
  title: 'The upload broke off',
  detail: 'The connection to the server was lost. Nothing was kept; send it again.',
  code: 'network',
  requestId: undefined,
};

/** The server's problem document, or the status where something before it answered. */
function failureOf(request: XMLHttpRequest): UploadFailure {
  const problem = parse(request.responseText);
  return {
    title: 'The version was not registered',
    detail: problem.detail ?? `The server answered ${request.status}. Nothing was kept; try again.`,
    code: problem.code ?? String(request.status),
    requestId: problem.requestId,
  };
}

function parse(text: string): { detail?: string; code?: string; requestId?: string } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
