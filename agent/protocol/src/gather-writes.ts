/** The part of a Node stream that is used here: this package is read by browsers too. */
type Corkable = {
  cork: () => void;
  uncork: () => void;
  // biome-ignore lint/suspicious/noExplicitAny: a stream's `write` has overloads that nothing but `any` can pass on
  write: (...args: any[]) => boolean;
};

/**
 * From now on the packets that are written within one turn of the event loop leave in one write and one TLS record: to a connection, each write
 * costs more than all that happens to a small message before it.
 */
export function gatherWrites(stream: Corkable): void {
  const write = stream.write.bind(stream);
  let isGathering = false;
  const leave = () => {
    isGathering = false;
    stream.uncork();
  };
  stream.write = (...args) => {
    if (!isGathering) {
      isGathering = true;
      stream.cork();
      setImmediate(leave);
    }
    return write(...args);
  };
}
