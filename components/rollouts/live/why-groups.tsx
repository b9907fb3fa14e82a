'use client';

import type { WhyCode } from '@/server/domain/rollout/why-sentences.ts';
import type { WhyGroup } from '@/server/queries/why-not.ts';
import { formatCount } from '../../ui/format.ts';
import { Clock } from '../../ui/time.tsx';
import classes from './why-groups.module.css';

type WhyGroupsProps = {
  groups: readonly WhyGroup[];
  chosen: WhyCode | null;
  onChoose: (code: WhyCode | null) => void;
};

/** Every reason with the devices it holds; pressing one lists them. Devices that are done need no reason. */
export function WhyGroups({ groups, chosen, onChoose }: WhyGroupsProps) {
  const shown = groups.filter(
    ({ code }) => code === chosen || (code !== 'device.done' && code !== 'device.already_there'),
  );
  if (shown.length === 0) return null;
  return (
    <div className={classes.box}>
      <h3 className={classes.title}>Why not updating</h3>
      <ul className={classes.groups}>
        {shown.map(({ code, sentence, devices, nextTryAt }) => (
          <li key={code}>
            <button
              type="button"
              className={classes.group}
              aria-pressed={code === chosen}
              onClick={() => onChoose(code === chosen ? null : code)}
            >
              <b>{formatCount(devices)}</b>
              <span>{sentence}</span>
              {nextTryAt && (
                <span className={classes.next}>
                  <Clock at={nextTryAt} style="minute" />
                </span>
              )}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
