'use client';

import '@mantine/dropzone/styles.layer.css';
import { Dropzone } from '@mantine/dropzone';
import classes from './file-drop.module.css';

type FileDropProps = { onFiles: (files: File[]) => void; isDisabled: boolean };

/** Where files are dropped or chosen; several at once. */
export function FileDrop({ onFiles, isDisabled }: FileDropProps) {
  return (
    <Dropzone
      className={classes.drop ?? ''}
      onDrop={onFiles}
      disabled={isDisabled}
      multiple
      activateOnClick
      aria-label="Files of the version: drop them here, or press Enter to choose"
    >
      <p className={classes.words}>
        <b>Drop files here</b>, or <span className={classes.link}>choose them</span>
      </p>
      <p className={classes.hint}>
        model.onnx, golden inputs (<code>*golden*.json</code>), <code>labels.json</code>, external data
      </p>
    </Dropzone>
  );
}
