'use client';

import { Button, Menu } from '@mantine/core';
import { Icon } from '../ui/icon.tsx';
import { formatMoment } from '../ui/time.tsx';
import { useBrowserValue } from '../ui/use-now.ts';
import { type Preset, presets, type TimeRange } from './use-time-range.ts';

const WORDS: Record<Preset, string> = {
  '15m': 'Last 15 minutes',
  '1h': 'Last hour',
  '6h': 'Last 6 hours',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
};

/** The page's time range in the bar; a stretch that was chosen in a chart shows its ends, and any preset leads back. */
export function RangeMenu({ range }: { range: TimeRange }) {
  const { from, to, preset, setPreset } = range;
  const chosen = useBrowserValue(
    () => `${formatMoment(from, 'minute')} to ${formatMoment(to, 'minute')}`,
    () => 'Chosen range',
  );
  return (
    <Menu width={180}>
      <Menu.Target>
        <Button variant="quiet" data-phone rightSection={<Icon name="down" size={14} />}>
          {preset ? WORDS[preset] : chosen}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {presets.map((each) => (
          <Menu.Item
            key={each}
            rightSection={each === preset ? <Icon name="check" size={14} /> : null}
            onClick={() => setPreset(each)}
          >
            {WORDS[each]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
