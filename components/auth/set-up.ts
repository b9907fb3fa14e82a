import type { SetUpAnswer } from '@/server/api/console/set-up.ts';
import type { CreateOwner } from '@/server/services/accounts/create-owner.ts';

/** Asks the server for the first organization and its owner. */
export async function setUp(input: CreateOwner): Promise<SetUpAnswer> {
  try {
    const response = await fetch('/api/setup', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(input),
    });
    return (await response.json()) as SetUpAnswer;
  } catch {
    return {
      ok: false,
      message: 'The server cannot be reached. Check the connection and try again.',
      fields: [],
    };
  }
}
