import { Button } from '@mantine/core';
import type { CommandRow } from '@/server/queries/device-commands.ts';
import { ToneGlyph } from '../../../status/status.tsx';
import { Quantity } from '../../../ui/quantity.tsx';
import { ReasonCode } from '../../../ui/tags.tsx';
import { Clock } from '../../../ui/time.tsx';
import { useOrg } from '../../../ui/use-org.ts';
import { benchmarkRows, commandName, commandShape, commandSteps, resultSentence } from './command-words.ts';
import classes from './commands.module.css';

/** One command: what it was, its way with times, and what came of it. */
export function CommandLine({ command }: { command: CommandRow }) {
  const { glyph, tone, word } = commandShape(command);
  const { progress, note, finishedAt, reason, sentence, archive } = command;
  const isUnderWay = finishedAt === null && progress !== null;
  const rows = command.op === 'benchmark' ? benchmarkRows(command.result) : [];
  return (
    <li className={classes.line}>
      <ToneGlyph glyph={glyph} tone={tone} word="" />
      <div className={classes.what}>
        <strong>{commandName(command)}</strong>
        <span className={classes.state} data-tone={tone}>
          {isUnderWay ? `${Math.round(progress)} %${note ? `, ${note}` : ''}` : word}
        </span>
      </div>
      <ol className={classes.way} aria-label="Its way">
        {commandSteps(command).map((step) => (
          <li key={step.name}>
            {step.name} <Clock at={step.at} />
          </li>
        ))}
      </ol>
      {isUnderWay && <progress className={classes.progress} max={100} value={progress} aria-label="Progress" />}
      <div className={classes.result}>
        {reason && (
          <p>
            <ReasonCode code={reason.code} tone={command.state === 'refused' ? 'attention' : 'critical'} /> {sentence}
            {reason.detail && ` ${reason.detail}.`}
          </p>
        )}
        {command.state === 'done' && resultSentence(command) && <p>{resultSentence(command)}</p>}
        {command.state === 'expired' && (
          <p>The device was away, or did not answer in time. Ask again when it is connected.</p>
        )}
        {rows.length > 0 && (
          <dl className={classes.measures}>
            {rows.map(({ label, value, unit }) => (
              <div key={label}>
                <dt>{label}</dt>
                <dd>
                  <Quantity value={value} unit={unit} />
                </dd>
              </div>
            ))}
          </dl>
        )}
        {archive && <ArchiveLink command={command} archive={archive} />}
      </div>
    </li>
  );
}

type ArchiveLinkProps = { command: CommandRow; archive: NonNullable<CommandRow['archive']> };

function ArchiveLink({ command: { deviceId, id }, archive }: ArchiveLinkProps) {
  const { at } = useOrg();
  return (
    <p className={classes.archive}>
      <Button component="a" href={at.commandArchive(deviceId, id)} download>
        Download archive
      </Button>
      <span>
        <Quantity value={archive.sizeBytes} unit="bytes" />, kept until <Clock at={archive.expiresAt} style="date" />
      </span>
    </p>
  );
}
