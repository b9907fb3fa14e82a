'use client';

import { Button, Menu } from '@mantine/core';
import { Icon } from '../ui/icon.tsx';
import { formatMoment } from '../ui/time.tsx';
import { useBrowserValue } from '../ui/use-now.ts';
import classes from './range-menu.module.css';
import { type ChartRange, RANGE_KEYS, RANGES } from './use-chart-range.ts';

/** The time range of the whole page; a zoom shows its ends, and its way back. */
export function RangeMenu({ range }: { range: ChartRange }) {
  const { label, short } = RANGES[range.key];
  const ends = useBrowserValue(
    () => `${formatMoment(range.from, 'minute')} to ${formatMoment(range.to, 'minute')}`,
    () => 'Chosen range',
  );
  return (
    <>
      {range.isZoomed && (
        <Button variant="quiet" data-phone onClick={range.unzoom}>
          Reset zoom
        </Button>
      )}
      <Menu width={170}>
        <Menu.Target>
          <Button variant="quiet" data-phone rightSection={<Icon name="down" size={14} />}>
            {range.isZoomed ? (
              ends
            ) : (
              <>
                <span className={classes.long}>{label}</span>
                <span className={classes.short} aria-hidden="true">
                  {short}
                </span>
              </>
            )}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {RANGE_KEYS.map((key) => (
            <Menu.Item
              key={key}
              rightSection={key === range.key && !range.isZoomed ? <Icon name="check" size={14} /> : null}
              onClick={() => range.setKey(key)}
            >
              {RANGES[key].label}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
