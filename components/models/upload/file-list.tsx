'use client';

import { ActionIcon, NativeSelect } from '@mantine/core';
import { formatQuantity } from '../../ui/format.ts';
import { Icon } from '../../ui/icon.tsx';
import classes from './file-list.module.css';
import { type FileRole, fileRoleWords } from './guess-files.ts';
import type { UploadFile } from './send-files.ts';

type FileListProps = {
  files: readonly UploadFile[];
  onChange: (files: UploadFile[]) => void;
  isDisabled: boolean;
};

const ROLES = Object.entries(fileRoleWords).map(([value, label]) => ({ value, label }));

/** The chosen files, each with what it is taken for. */
export function FileList({ files, onChange, isDisabled }: FileListProps) {
  if (files.length === 0) return null;
  return (
    <ul className={classes.list} aria-label="Chosen files">
      {files.map((each) => (
        <li key={each.path} className={classes.file}>
          <span className={classes.path}>{each.path}</span>
          <span className={classes.size}>{formatQuantity(each.file.size, 'bytes')}</span>
          <NativeSelect
            aria-label={`What ${each.path} is`}
            value={each.role}
            data={ROLES}
            disabled={isDisabled}
            onChange={(event) => {
              const role = event.currentTarget.value as FileRole;
              onChange(files.map((other) => (other === each ? { ...each, role } : other)));
            }}
          />
          <ActionIcon
            aria-label={`Remove ${each.path}`}
            disabled={isDisabled}
            onClick={() => onChange(files.filter((other) => other !== each))}
          >
            <Icon name="close" size={14} />
          </ActionIcon>
        </li>
      ))}
    </ul>
  );
}
