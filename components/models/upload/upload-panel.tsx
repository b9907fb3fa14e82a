'use client';

import { Button, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { ModelName, VersionName } from '@/server/domain/names.ts';
import { useForbidden } from '../../console/access.tsx';
import { ForbiddenTooltip } from '../../ui/forbidden-tooltip.tsx';
import { formatQuantity } from '../../ui/format.ts';
import { Section } from '../../ui/section.tsx';
import { FileDrop } from './file-drop.tsx';
import { FileList } from './file-list.tsx';
import { guessNames, guessRole } from './guess-files.ts';
import type { UploadFile } from './send-files.ts';
import { UploadFailureNote } from './upload-failure.tsx';
import classes from './upload-panel.module.css';
import { UploadProgress } from './upload-progress.tsx';
import { useUpload } from './use-upload.ts';

type UploadPanelProps = {
  /** The model that gets the version; without it the name is asked for. */
  model?: string;
  onClose: () => void;
};

/** Takes a version's files, guesses what each is and how the version is called, and sends them. */
export function UploadPanel({ model: fixedModel, onClose }: UploadPanelProps) {
  const forbidden = useForbidden('models:write');
  const { upload, failure, start, cancel } = useUpload();
  const [files, setFiles] = useState<UploadFile[]>([]);
  const [model, setModel] = useState(fixedModel ?? '');
  const [version, setVersion] = useState('');
  const [notes, setNotes] = useState('');
  const [isAsked, setAsked] = useState(false);

  const problems = problemsOf(files, model, version);
  const totalBytes = files.reduce((sum, { file }) => sum + file.size, 0);
  const isSending = upload !== null;

  function add(chosen: readonly File[]) {
    const added = chosen.map((file) => ({ path: file.name, role: guessRole(file.name), file }));
    const kept = files.filter(({ path }) => !added.some((each) => each.path === path));
    setFiles([...kept, ...added]);
    const onnx = added.find(({ role }) => role === 'model');
    if (!onnx) return;
    const guess = guessNames(onnx.path);
    if (!fixedModel && model === '') setModel(guess.model);
    if (version === '') setVersion(guess.version);
  }

  function submit(event: FormEvent) {
    event.preventDefault();
    setAsked(true);
    if (Object.values(problems).every((problem) => problem === null)) void start(files, { model, version, notes });
  }

  return (
    <Section
      title="Upload a version"
      sentence="The .onnx file; beside it golden inputs, labels, weights, and a reference for drift or samples to make one from. Versions never change once they are here."
      end={
        <Button variant="quiet" onClick={onClose} disabled={isSending}>
          Close
        </Button>
      }
    >
      <form className={classes.form} onSubmit={submit}>
        <FileDrop onFiles={add} isDisabled={isSending} />
        <FileList files={files} onChange={setFiles} isDisabled={isSending} />
        {isAsked && problems.files && (
          <p className={classes.problem} role="alert">
            {problems.files}
          </p>
        )}
        <div className={classes.fields}>
          {fixedModel === undefined && (
            <TextInput
              label="Model"
              description="A new name makes a new model"
              value={model}
              onChange={(event) => setModel(event.currentTarget.value)}
              error={(isAsked || model !== '') && problems.model}
              disabled={isSending}
              autoComplete="off"
              spellCheck={false}
            />
          )}
          <TextInput
            label="Version"
            description="Such as 2.0.0"
            value={version}
            onChange={(event) => setVersion(event.currentTarget.value)}
            error={(isAsked || version !== '') && problems.version}
            disabled={isSending}
            autoComplete="off"
            spellCheck={false}
          />
          <Textarea
            className={classes.notes ?? ''}
            label="Notes"
            description="What changed; shown with the version"
            value={notes}
            onChange={(event) => setNotes(event.currentTarget.value)}
            disabled={isSending}
            autosize
            minRows={1}
            maxLength={10_000}
          />
        </div>
        {failure && <UploadFailureNote failure={failure} />}
        {upload ? (
          <UploadProgress {...upload} onCancel={cancel} />
        ) : (
          <div>
            <ForbiddenTooltip reason={forbidden}>
              {(isDisabled) => (
                <Button type="submit" variant="filled" disabled={isDisabled}>
                  {files.length === 0 ? 'Upload' : `Upload ${formatQuantity(totalBytes, 'bytes')}`}
                </Button>
              )}
            </ForbiddenTooltip>
          </div>
        )}
      </form>
    </Section>
  );
}

type Problems = { files: string | null; model: string | null; version: string | null };

function problemsOf(files: readonly UploadFile[], model: string, version: string): Problems {
  const models = files.filter(({ role }) => role === 'model').length;
  return {
    files:
      models === 1
        ? null
        : models === 0
          ? 'Choose the .onnx file: a version has exactly one.'
          : `${models} files are marked as the model; a version has exactly one. Change the roles of the others.`,
    model: ModelName.safeParse(model).error?.issues[0]?.message ?? null,
    version: VersionName.safeParse(version).error?.issues[0]?.message ?? null,
  };
}
