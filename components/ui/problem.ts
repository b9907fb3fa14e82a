/** What a failed request tells a person: the server's own sentence, and the id that finds it in the log. */
export type Problem = { sentence: string; requestId: string | undefined; isMissing: boolean };

type ErrorData = { requestId?: string | null; httpStatus?: number };

/** Reads a failure of the API; one without the server's data never reached it. */
export function problemOf(error: unknown): Problem {
  const data = typeof error === 'object' && error !== null && 'data' in error ? (error.data as ErrorData | null) : null;
  if (!data) {
    return {
      sentence: 'The server cannot be reached. What you see may be old; it is tried again by itself.',
      requestId: undefined,
      isMissing: false,
    };
  }
  return {
    sentence: error instanceof Error ? error.message : 'Something went wrong on the server.',
    requestId: data.requestId ?? undefined,
    isMissing: data.httpStatus === 404,
  };
}
