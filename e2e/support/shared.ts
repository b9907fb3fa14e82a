import { join } from 'node:path';
import { routes } from '../../components/routes.ts';

/** The person of the journeys, and the organization they make at the first visit. */
export const owner = {
  organization: 'Nordlys Hydro',
  name: 'Ada Nordlys',
  email: 'ada@nordlys.example',
  password: 'a turbine hums at night',
};

/** Every address of the owner's organization. */
export const at = routes.org('nordlys-hydro');

/** The device that joins by the command of the enrollment page. */
export const DEVICE = 'press-01';

export const MODEL = 'vibration-fault';

type SharedStack = { url: string; dir: string; databaseUrl: string };

/** Tells the tests' processes, which start later, where the stack is. */
export function shareStack({ url, dir, databaseUrl }: SharedStack): void {
  process.env.FLOTILLA_BROWSER_URL = url;
  process.env.FLOTILLA_BROWSER_DIR = dir;
  process.env.FLOTILLA_BROWSER_DATABASE = databaseUrl;
}

/** @throws Error when the tests run without their set-up. */
export function sharedStack(): SharedStack {
  const { FLOTILLA_BROWSER_URL: url, FLOTILLA_BROWSER_DIR: dir, FLOTILLA_BROWSER_DATABASE: databaseUrl } = process.env;
  if (!url || !dir || !databaseUrl)
    throw new Error('The stack is not up: run these tests with "npm run test:browser".');
  return { url, dir, databaseUrl };
}

/** The owner's cookies, once they have signed in. */
export function sessionFile(): string {
  return join(sharedStack().dir, 'session.json');
}
