import { DesiredState, MAX_STATE_BYTES, TrustedKey } from '@flotilla/protocol';
import * as z from 'zod';
import { ReasonError } from '../reason-error.ts';
import type { JsonFile } from '../state/json-file.ts';
import { verifySigned } from './verify-signed.ts';

/** The newest document this device obeys, and the keys whose documents it will obey next. */
export const Accepted = z.object({
  generation: z.number().int().min(0),
  trustedKeys: z.array(TrustedKey).min(1),
  document: DesiredState.nullable(),
});
export type Accepted = z.infer<typeof Accepted>;

/** Decides which desired states the device obeys. What it has accepted is on disk before anyone acts on it. */
export class DesiredStore {
  readonly #file: Pick<JsonFile<Accepted>, 'save'>;
  readonly #deviceId: string;
  readonly #now: () => number;
  #accepted: Accepted;

  constructor(file: Pick<JsonFile<Accepted>, 'save'>, accepted: Accepted, deviceId: string, now: () => number) {
    this.#file = file;
    this.#accepted = accepted;
    this.#deviceId = deviceId;
    this.#now = now;
  }

  get generation(): number {
    return this.#accepted.generation;
  }

  get trustedKeys(): TrustedKey[] {
    return this.#accepted.trustedKeys;
  }

  /** Null before the first one. */
  get document(): DesiredState | null {
    return this.#accepted.document;
  }

  /**
   * The document when it is new and to be obeyed, null when its generation is the accepted one. Throws a
   * {@link ReasonError} when it is refused. Calls must not overlap.
   */
  async accept(jws: string): Promise<DesiredState | null> {
    if (jws.length > MAX_STATE_BYTES)
      throw new ReasonError('desired.malformed', `longer than ${MAX_STATE_BYTES} bytes`);
    const document = await verifySigned('desired', jws, DesiredState, this.trustedKeys, this.#deviceId);
    if (document.generation === this.generation) return null;
    if (document.generation < this.generation) {
      throw new ReasonError('desired.stale', `generation ${document.generation} after ${this.generation}`);
    }
    if (document.expiresAt <= this.#now()) {
      throw new ReasonError('desired.expired', `expired at ${new Date(document.expiresAt).toISOString()}`);
    }
    const trustedKeys = document.trustedKeys?.length ? document.trustedKeys : this.trustedKeys;
    const accepted = { generation: document.generation, trustedKeys, document };
    await this.#file.save(accepted);
    this.#accepted = accepted;
    return document;
  }
}
