import { help, readOptions } from './local/options.ts';
import { startStack } from './local/stack.ts';
import { untilStopped } from './process-life.ts';

const startedAt = Date.now();
try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    console.log(`npm start -- [flags]: all of Flotilla on this machine\n${help}`);
    process.exit(0);
  }
  const stack = await startStack(options, 'local', {}, (line) => console.log(`  ${line} …`));
  console.log(
    `\nFlotilla is up after ${((Date.now() - startedAt) / 1000).toFixed(0)} s:  ${stack.url}\nThe first visit creates the owner account. Ctrl-C stops everything; the data stays in ${stack.state.dir}.`,
  );
  await untilStopped();
  console.log('\nstopping …');
  await stack.stop();
  process.exit(0);
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
