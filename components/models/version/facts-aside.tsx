import type { OnnxFacts } from '@/server/domain/onnx/facts.ts';
import type { VersionPage } from '@/server/queries/model-pages.ts';
import { type Fact, Facts } from '../../ui/facts.tsx';
import { formatCount, formatQuantity } from '../../ui/format.ts';
import { Section } from '../../ui/section.tsx';
import classes from './facts-aside.module.css';

/** Metadata entries shown; a file may carry any number. */
const MAX_METADATA = 20;

/** What the ONNX file says about itself, read without its weights. */
export function FactsAside({ page: { version, support } }: { page: VersionPage }) {
  const { facts } = version;
  const metadata = Object.entries(facts.metadata).slice(0, MAX_METADATA);
  return (
    <Section title="Facts" sentence="from the file itself" isNested>
      <Facts facts={[...mainFacts(facts), supportFact(facts, support)]} />
      {metadata.length > 0 && (
        <>
          <h3 className={classes.head}>Metadata</h3>
          <Facts facts={metadata.map(([label, value]) => ({ label, value }))} />
        </>
      )}
      {facts.docString !== '' && <p className={classes.words}>{facts.docString}</p>}
    </Section>
  );
}

function mainFacts(facts: OnnxFacts): Fact[] {
  const producer = [facts.producerName, facts.producerVersion].filter(Boolean).join(' ');
  const others = facts.opsetImports.filter(({ domain }) => domain !== 'ai.onnx');
  return [
    { label: 'Model file', value: formatQuantity(facts.fileSizeBytes, 'bytes') },
    {
      label: 'Parameters',
      value: `${formatCount(facts.parameters)}, ${formatQuantity(facts.parameterBytes, 'bytes')} in memory`,
    },
    { label: 'Weights', value: facts.quantized ? 'quantized' : 'not quantized' },
    ...(facts.externalData.length > 0
      ? [{ label: 'External', value: facts.externalData.map(({ location }) => location).join(', ') }]
      : []),
    { label: 'Producer', value: producer || 'not named' },
    ...(facts.graphName ? [{ label: 'Graph', value: facts.graphName }] : []),
    { label: 'IR version', value: facts.irVersion },
    ...others.map(({ domain, version }) => ({ label: domain, value: `opset ${version}` })),
  ];
}

function supportFact(facts: OnnxFacts, { devices, supporting }: VersionPage['support']): Fact {
  const missing = devices - supporting;
  const words =
    devices === 0
      ? 'no device yet'
      : missing === 0
        ? `runs on all ${formatCount(devices)} devices`
        : `${formatCount(supporting)} of ${formatCount(devices)} devices; ${formatCount(missing)} ${missing === 1 ? 'has' : 'have'} an older runtime`;
  return { label: `Opset ${facts.opset}`, value: words };
}
