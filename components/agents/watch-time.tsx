import { DEFAULT_STABLE_S, MAX_STABLE_S } from '@flotilla/protocol';
import { NumberInput } from '@mantine/core';

/** For how long a new agent must serve without a break before it is confirmed; left empty, as long as by default. */
export function WatchTime({ stableS, onChange }: { stableS: number; onChange: (stableS: number) => void }) {
  return (
    <NumberInput
      label="Watched for"
      suffix=" s"
      defaultValue={stableS}
      placeholder={`${DEFAULT_STABLE_S} s`}
      min={1}
      max={MAX_STABLE_S}
      allowDecimal={false}
      clampBehavior="strict"
      onChange={(value) => onChange(typeof value === 'number' ? value : DEFAULT_STABLE_S)}
    />
  );
}
