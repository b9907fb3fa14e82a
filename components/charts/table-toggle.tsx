import classes from './table-toggle.module.css';

type TableToggleProps = { isTable: boolean; onToggle: () => void; of: string };

/** Switches a chart between its picture and its numbers. */
export function TableToggle({ isTable, onToggle, of }: TableToggleProps) {
  return (
    <button type="button" className={classes.toggle} onClick={onToggle}>
      {isTable ? 'As chart' : 'As table'}
      <span className={classes.said}>{`: ${of}`}</span>
    </button>
  );
}
