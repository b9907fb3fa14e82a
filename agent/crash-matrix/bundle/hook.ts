/**
 * Loaded into the shipped agent with `--import hook.ts?mode=…&at=…`: counts its durable operations and, at the one with
 * this number, kills the process, fills the disk, cuts the network or takes the container engine away. The agent knows nothing of it.
 */
import childProcess, { type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import promises, { type FileHandle } from 'node:fs/promises';
import http, { type ClientRequest, type RequestOptions } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

const given = new URL(import.meta.url).searchParams;
const mode = given.get('mode');
const at = Number(given.get('at'));
const logPath = given.get('log');
const engineSocket = given.get('engine');
/** Only this program's operations count: an upgrade is made by two, one after the other. */
const program = given.get('program');
/** Made when something happens to it: it happens once, whoever starts after that. */
const once = given.get('once');
const isCounted = (program === null || process.argv[1] === program) && (once === null || !fs.existsSync(once));

/** Longer than any wait of the agent before it connects again; shorter than one before it tries its journal again. */
const FULL_MS = 2_000;
const CUT_MS = 500;
const AWAY_MS = 500;

let operations = 0;
let fullUntilMs = 0;
let cutUntilMs = 0;
let awayUntilMs = 0;
const sockets = new Set<net.Socket>();
const calls = new Set<ClientRequest>();

/** `grows`: needs room on the disk. `half` leaves a write torn. */
function point(name: string, grows = false, half: () => void = () => {}): void {
  if (!isCounted) return;
  operations += 1;
  if (logPath) fs.appendFileSync(logPath, `${name}${grows ? ' +' : ''}\n`);
  if (operations === at && once) fs.writeFileSync(once, name);
  if (operations === at && mode === 'torn') half();
  if (operations === at && (mode === 'kill' || mode === 'torn')) process.kill(process.pid, 'SIGKILL');
  if (operations === at && mode === 'full') fullUntilMs = performance.now() + FULL_MS;
  if (operations === at && mode === 'cut') cutNetwork();
  if (operations === at && mode === 'away') loseEngine();
  if (grows && performance.now() < fullUntilMs) throw errorOf('ENOSPC', 'no space left on device');
}

function cutNetwork(): void {
  cutUntilMs = performance.now() + CUT_MS;
  for (const socket of sockets) socket.destroy(errorOf('ECONNRESET', 'the network was cut'));
}

function loseEngine(): void {
  awayUntilMs = performance.now() + AWAY_MS;
  for (const call of calls) call.destroy(errorOf('ECONNRESET', 'the engine went away'));
}

function errorOf(code: string, text: string): Error {
  return Object.assign(new Error(`${code}: ${text}`), { code });
}

type Call = (...args: never[]) => unknown;

/** Puts a counted point before a function of a module. `isPoint` leaves out calls that change nothing. */
function count(target: object, name: string, grows: boolean, isPoint: (args: unknown[]) => boolean = () => true): void {
  const original = Reflect.get(target, name) as Call;
  Reflect.set(target, name, async function counted(this: unknown, ...args: never[]) {
    if (isPoint(args)) point(name, grows);
    return await original.apply(this, args);
  });
}

for (const name of ['rename', 'link']) count(promises, name, true);
count(promises, 'mkdir', true, ([path]) => !fs.existsSync(String(path)));
for (const name of ['rm', 'truncate']) count(promises, name, false);
count(promises, 'open', true, ([, flags]) => flags === 'w' || flags === 'a');

/** The prototype of open files is not exported: it is taken from the first one. */
const probe = await promises.open(process.execPath, 'r');
const handles = Object.getPrototypeOf(probe) as FileHandle;
await probe.close();
for (const name of ['sync', 'datasync']) count(handles, name, false);
const write = handles.write as Call;
Reflect.set(handles, 'write', async function counted(this: FileHandle, ...args: never[]) {
  const [data] = args as unknown[];
  point('write', true, () => {
    if (data instanceof Uint8Array) fs.writeSync(this.fd, data.subarray(0, data.length >> 1));
  });
  return await write.apply(this, args);
});

const fork = childProcess.fork as Call;
Reflect.set(childProcess, 'fork', (...args: never[]) => {
  point('runner: fork');
  const child = fork(...args) as ChildProcess;
  const send = child.send as Call;
  const kill = child.kill as Call;
  child.send = ((...sent: never[]) => {
    const [call] = sent as unknown as [{ op: string }];
    // "start" comes right before the pointer to the new runner is set, "window" and "stop" right after.
    if (['load', 'start', 'window'].includes(call.op)) point(`runner: ${call.op}`);
    return send.apply(child, sent);
  }) as ChildProcess['send'];
  child.kill = ((...signals: never[]) => {
    point('runner: stop');
    return kill.apply(child, signals);
  }) as ChildProcess['kill'];
  return child;
});

/** Every change that the engine is asked for is two points: before it has heard of it, and when it has done it and nobody has noted that. */
const request = http.request as Call;
Reflect.set(http, 'request', (...args: never[]) => {
  const [options] = args as unknown as [RequestOptions];
  if (!engineSocket || options.socketPath !== engineSocket) return request(...args);
  const { method = 'GET', path } = options;
  const name = `engine: ${method} ${shapeOf(path ?? '')}`;
  const isChange = method !== 'GET' && !name.endsWith('/wait');
  if (isChange) point(name);
  const call = request(...args) as ClientRequest;
  calls.add(call);
  call.once('close', () => calls.delete(call));
  if (isChange) call.prependOnceListener('response', () => point(`${name}, done`));
  if (performance.now() < awayUntilMs)
    process.nextTick(() => call.destroy(errorOf('ECONNREFUSED', 'the engine is away')));
  return call;
});

/** A path without its version, its ids and what is asked of it. */
function shapeOf(path: string): string {
  const [bare = ''] = path.replace(/^\/v[\d.]+/, '').split('?');
  return bare.replace(/[0-9a-f]{12,}|flotilla[-/].*/g, '…');
}

const connect = net.Socket.prototype.connect as Call;
Reflect.set(net.Socket.prototype, 'connect', function counted(this: net.Socket, ...args: never[]) {
  const [first] = args as unknown[];
  const [options] = Array.isArray(first) ? first : [first];
  const isRemote = options && typeof options === 'object' && 'port' in options && !('path' in options && options.path);
  if (!isRemote) return connect.apply(this, args);
  sockets.add(this);
  this.once('close', () => sockets.delete(this));
  if (performance.now() >= cutUntilMs) return connect.apply(this, args);
  process.nextTick(() => this.destroy(errorOf('ENETUNREACH', 'the network is cut')));
  return this;
});
syncBuiltinESMExports();
