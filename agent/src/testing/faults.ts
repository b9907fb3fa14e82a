/** What a bundle does besides: nothing, or what a bad one does. Run before everything else of it. */
export const faults = {
  none: '',
  'does not start': "throw new Error('broken');",
  'dies at once': "if(['run','up'].includes(process.argv[2]))process.exit(7);",
  'dies after a while': "if(['run','up'].includes(process.argv[2]))setTimeout(()=>process.exit(7),200);",
  'never connects': "require('node:tls').connect=()=>{throw new Error('no TLS here')};",
  hangs: "if(['run','up'].includes(process.argv[2])){Atomics.wait(new Int32Array(new SharedArrayBuffer(4)),0,0)}",
  'dies when it seemed well': "if(['run','up'].includes(process.argv[2]))setTimeout(()=>process.exit(7),2500);",
  'loses the server':
    "if(['run','up'].includes(process.argv[2])){const t=require('node:tls'),c=t.connect;t.connect=(...a)=>{const s=c(...a);setTimeout(()=>s.destroy(),1500);return s}}",
  'does not serve':
    "if(['run','up'].includes(process.argv[2]))require('node:child_process').fork=()=>{throw new Error('no child')};",
} as const;
