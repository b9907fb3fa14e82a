import { CopyText } from '../../ui/copy.tsx';
import { Icon } from '../../ui/icon.tsx';
import { ReasonCode } from '../../ui/tags.tsx';
import type { UploadFailure } from './send-files.ts';
import classes from './upload-failure.module.css';

/** Why the server took nothing, in its own words; the chosen files stay, so that it can be put right and sent again. */
export function UploadFailureNote({ failure }: { failure: UploadFailure }) {
  return (
    <div className={classes.note} role="alert">
      <p className={classes.title}>
        <Icon name="warning" /> {failure.title} <ReasonCode code={failure.code} />
      </p>
      <p>{failure.detail}</p>
      {failure.requestId !== undefined && (
        <p className={classes.request}>
          Request <CopyText value={failure.requestId} label="request id" />
        </p>
      )}
    </div>
  );
}
