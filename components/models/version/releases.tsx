'use client';

import type { VersionPage } from '@/server/queries/model-pages.ts';
import { CopyText } from '../../ui/copy.tsx';
import { Age } from '../../ui/time.tsx';
import { inputText, proofText, threadsText } from '../release-words.ts';
import classes from './plain-table.module.css';

/** The releases made from a version; the same content is the same release. */
export function Releases({ page: { releases } }: { page: VersionPage }) {
  if (releases.length === 0) return <p className={classes.none}>None yet. Planning a rollout makes the first.</p>;
  return (
    <div className={classes.scroll}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Release</th>
            <th scope="col">Made</th>
            <th scope="col">Input</th>
            <th scope="col">Settings</th>
            <th scope="col">Proof</th>
          </tr>
        </thead>
        <tbody>
          {releases.map(({ id, createdAt, document }) => (
            <tr key={id}>
              <th scope="row">
                <CopyText value={id} label="release id" keep={6} />
              </th>
              <td className={classes.dim}>
                <Age at={createdAt} after=" ago" />
              </td>
              <td>{inputText(document.input)}</td>
              <td>
                {threadsText(document.settings.threads)}
                {document.runtime.kind === 'container' && ', container'}
              </td>
              <td>{proofText(document.proof)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
