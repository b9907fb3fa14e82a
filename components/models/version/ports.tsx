import type { OnnxFacts, OnnxPort } from '@/server/domain/onnx/facts.ts';
import classes from './plain-table.module.css';

/** What a caller gives the model and gets from it. */
export function Ports({ facts: { inputs, outputs } }: { facts: OnnxFacts }) {
  return (
    <div className={classes.scroll}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Direction</th>
            <th scope="col">Name</th>
            <th scope="col">Type</th>
            <th scope="col">Shape</th>
          </tr>
        </thead>
        <tbody>
          {rows('input', inputs)}
          {rows('output', outputs)}
        </tbody>
      </table>
    </div>
  );
}

function rows(direction: string, ports: readonly OnnxPort[]) {
  return ports.map((port) => (
    <tr key={`${direction}.${port.name}`}>
      <td className={classes.dim}>{direction}</td>
      <th scope="row">
        <code>{port.name}</code>
      </th>
      <td>{port.elementType}</td>
      <td>{shapeText(port)}</td>
    </tr>
  ));
}

/** "batch × 3 × 2,048"; a size that the caller chooses has its name, an unknown one a question mark. */
function shapeText({ shape }: OnnxPort): string {
  if (shape.length === 0) return 'scalar';
  return shape.map((size) => (typeof size === 'number' ? size.toLocaleString('en-US') : (size ?? '?'))).join(' × ');
}
