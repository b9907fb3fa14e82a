import { hasAnyUser } from '../../db/accounts.ts';
import type { Deps } from '../deps.ts';

/** Does this installation still wait for its owner? */
export async function setUpState(deps: Pick<Deps, 'db'>): Promise<{ needsOwner: boolean }> {
  return { needsOwner: !(await hasAnyUser(deps.db)) };
}
