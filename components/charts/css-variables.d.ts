import 'react';

declare module 'react' {
  /** Our style sheets read these from an element's style. */
  interface CSSProperties {
    '--at'?: string;
    '--entity'?: string;
    '--share'?: number;
  }
}
