import type { ReactNode } from 'react';

/** A part that scrolls by itself, in reach of the keys: `label` says what it holds. */
export function ScrollRegion({
  label,
  className,
  children,
}: {
  label: string;
  className?: string | undefined;
  children: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable without a pointer
    <section className={className} tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
