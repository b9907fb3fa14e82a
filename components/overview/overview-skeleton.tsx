import { Axes, Axis, Columns, Section, SectionHead } from '../ui/section.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';

/** The overview's shape while it loads. */
export function OverviewSkeleton() {
  return (
    <>
      <Axes>
        {['Connectivity', 'Health', 'Update'].map((title) => (
          <Axis key={title} title={title}>
            <SkeletonRows rows={1} columns={3} />
          </Axis>
        ))}
      </Axes>
      <Columns
        width="wide"
        aside={
          <>
            <SectionHead title="Moving" />
            <SkeletonRows rows={4} columns={2} />
          </>
        }
      >
        <SectionHead title="In trouble" />
        <SkeletonRows rows={4} columns={3} height={56} />
      </Columns>
      <Section title="Where it is slower than usual">
        <SkeletonRows rows={3} columns={6} />
      </Section>
    </>
  );
}
