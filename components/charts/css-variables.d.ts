import 'react';

declare module 'react' {
  /** Our style sheets read these from an element's style. */
  interface CSSProperties {
    '--entity'?: string;
    '--share'?: number;
  }
}
