'use client';

import { Modal } from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';
import { useRouter } from 'next/navigation';
import type { NavItem } from './nav.ts';
import classes from './shortcuts.module.css';
import { useKeySequence } from './use-key-sequence.ts';

const EVERYWHERE: readonly [keys: string[], what: string][] = [
  [['⌘', 'K'], 'find or do'],
  [['/'], 'search this list'],
  [['?'], 'this sheet'],
  [['Esc'], 'close'],
];

const IN_A_LIST: readonly [keys: string[], what: string][] = [
  [['j'], 'next row'],
  [['k'], 'row before'],
  [['x'], 'select the row'],
  [['Enter'], 'open the row'],
];

/** The keys that work everywhere, and the sheet that lists them. */
export function Shortcuts({ items }: { items: readonly NavItem[] }) {
  const router = useRouter();
  const [isOpen, sheet] = useDisclosure(false);
  useKeySequence('g', new Map(items.map((item) => [item.key, () => router.push(item.href)])));
  useHotkeys([['shift+?', sheet.toggle]], undefined, false);

  const goTo = items.map((item): [string[], string] => [['g', item.key], item.label.toLowerCase()]);
  return (
    <Modal opened={isOpen} onClose={sheet.close} title="Keys" size={560}>
      <div className={classes.sheet}>
        <KeyList title="Everywhere" keys={EVERYWHERE} />
        <KeyList title="In a list" keys={IN_A_LIST} />
        <KeyList title="Go to" keys={goTo} />
      </div>
    </Modal>
  );
}

function KeyList({ title, keys }: { title: string; keys: readonly [keys: string[], what: string][] }) {
  return (
    <section>
      <h3 className={classes.title}>{title}</h3>
      <dl className={classes.keys}>
        {keys.map(([combination, what]) => (
          <div key={what}>
            <dt>
              {combination.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
