/** Calls this installation's own REST API: the demo does nothing that an integration could not do. */
export class RestClient {
  private readonly base: string;
  private readonly key: string;

  constructor(url: string, key: string) {
    this.base = `${url}/api/v1`;
    this.key = key;
  }

  /** @throws Error with the problem's own sentence. */
  async call<T>(method: string, path: string, body?: object | FormData): Promise<T> {
    const isForm = body instanceof FormData;
    const headers = {
      authorization: `Bearer ${this.key}`,
      ...(body && !isForm ? { 'content-type': 'application/json' } : {}),
    };
    const response = await fetch(`${this.base}${path}`, {
      method,
      headers,
      ...(body ? { body: isForm ? body : JSON.stringify(body) } : {}),
    });
    const answer: unknown = response.status === 204 ? null : await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
    return answer as T;
  }
}
