'use client';

import { Button } from '@mantine/core';
import { useState } from 'react';
import type { OnnxFacts } from '@/server/domain/onnx/facts.ts';
import { formatCount, plural } from '../../ui/format.ts';
import { Section } from '../../ui/section.tsx';
import classes from './operators.module.css';

/** Kinds of operators shown before "all". */
const FIRST = 8;

/** Which operators the graph is made of, most frequent first. */
export function Operators({ facts: { operators, nodeCount } }: { facts: OnnxFacts }) {
  const [isAll, setAll] = useState(false);
  const shown = isAll ? operators : operators.slice(0, FIRST);
  const most = operators[0]?.count ?? 1;
  return (
    <Section
      title="Operators"
      sentence={`${plural(operators.length, 'kind')}, ${plural(nodeCount, 'node')}`}
      isNested
      end={
        operators.length > FIRST ? (
          <Button variant="link" onClick={() => setAll(!isAll)}>
            {isAll ? 'Fewer' : `All ${operators.length}`}
          </Button>
        ) : undefined
      }
    >
      <ul className={classes.list}>
        {shown.map(({ domain, opType, count }) => (
          <li key={`${domain}.${opType}`} className={classes.operator}>
            <span className={classes.name}>{domain === 'ai.onnx' ? opType : `${domain}.${opType}`}</span>
            <span className={classes.bar} aria-hidden="true">
              <i style={{ width: `${(count / most) * 100}%` }} />
            </span>
            <span className={classes.count}>{formatCount(count)}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
