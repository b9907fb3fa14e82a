import { expect, it } from 'vitest';
import { routes } from '../routes.ts';
import { navItems, placeOf } from './nav.ts';

const at = routes.org('nordpress');
const items = navItems('nordpress');

it.each([
  [at.overview(), 'overview'],
  [at.devices(), 'devices'],
  [at.device('press-07'), 'devices'],
  [at.version('vibration-fault', '1.5.0'), 'models'],
  [at.newRollout(), 'rollouts'],
  [at.alertRules(), 'alerts'],
  ['/nordpress/devices-archive', undefined],
  ['/other', undefined],
])('%s lies in %s', (path, place) => expect(placeOf(path, items)).toBe(place));

it('escapes what a path segment may not hold', () => {
  expect(at.model('a/b c')).toBe('/nordpress/models/a%2Fb%20c');
});
