'use client';

import type { VersionFile } from '@/server/db/models.ts';
import { CopyText } from '../../ui/copy.tsx';
import { formatQuantity } from '../../ui/format.ts';
import { fileRoleWords } from '../upload/guess-files.ts';
import classes from './plain-table.module.css';

/** The files of a version: what each is for, and the digest that devices check. */
export function FileTable({ files }: { files: readonly VersionFile[] }) {
  return (
    <div className={classes.scroll}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">File</th>
            <th scope="col">Role</th>
            <th scope="col" data-end>
              Size
            </th>
            <th scope="col">SHA-256</th>
          </tr>
        </thead>
        <tbody>
          {files.map(({ path, role, sizeBytes, sha256 }) => (
            <tr key={path}>
              <th scope="row">
                <code>{path}</code>
              </th>
              <td>{fileRoleWords[role]}</td>
              <td data-end>{formatQuantity(sizeBytes, 'bytes')}</td>
              <td>
                <CopyText value={sha256} label={`digest of ${path}`} keep={8} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
