type Signature = { starts: readonly number[]; at?: number; advice: string };

const text = (value: string) => Array.from(value, (character) => character.charCodeAt(0));

/** Files that people take for ONNX models, by the bytes that they begin with. */
const signatures: readonly Signature[] = [
  { starts: text('TFL3'), at: 4, advice: 'a TensorFlow Lite model. Convert it to ONNX with tf2onnx --tflite' },
  {
    starts: text('ORTM'),
    at: 4,
    advice: "a model in ONNX Runtime's .ort format. Register the .onnx file it was made from",
  },
  { starts: text('GGUF'), advice: 'a GGUF language model, which ONNX Runtime does not run' },
  { starts: text('\x89HDF'), advice: 'an HDF5 file, such as Keras writes (.h5). Export it with tf2onnx' },
  { starts: text('\x89PNG'), advice: 'a PNG picture. Choose the .onnx file' },
  { starts: [0xff, 0xd8, 0xff], advice: 'a JPEG picture. Choose the .onnx file' },
  { starts: text('%PDF'), advice: 'a PDF document. Choose the .onnx file' },
  { starts: text('\x7fELF'), advice: 'a program or library. Choose the .onnx file' },
  { starts: [0x1f, 0x8b], advice: 'gzip data. Unpack it and register the .onnx file inside' },
  { starts: [0x28, 0xb5, 0x2f, 0xfd], advice: 'zstd data. Unpack it and register the .onnx file inside' },
  { starts: text('version https://git-lfs'), advice: 'a Git LFS pointer, not the file itself. Run git lfs pull first' },
  { starts: text('<?xml'), advice: 'an XML file, perhaps an OpenVINO model. Register the .onnx file it was made from' },
  // ir_version 1 and a producer name of at least 128 bytes: in truth a schema version and a whole MetaGraphDef.
  { starts: [0x08, 0x01, 0x12], advice: 'a TensorFlow SavedModel. Convert it with tf2onnx --saved-model' },
];

/** Bytes of a file's start that {@link looksLike} wants. */
export const HEAD_BYTES = 256;

/** What a file that is no ONNX model is instead, with what to do, or nothing when its start tells nothing. */
export function looksLike(head: Uint8Array): string | undefined {
  const has = (starts: readonly number[], at = 0) => starts.every((byte, index) => head[at + index] === byte);
  if (head.length === 0) return 'The file is empty. Upload it again.';
  if (has(text('PK'))) return zip(new TextDecoder('latin1').decode(head));
  if (head[0] === 0x80 && (head[1] ?? 0) >= 2 && (head[1] ?? 9) <= 5) {
    return sentence('a Python pickle, such as an old PyTorch checkpoint. Export it with torch.onnx.export or skl2onnx');
  }
  if (head[8] === 0x7b && head[9] === 0x22)
    return sentence('a safetensors file of weights. Export it with torch.onnx.export');
  const known = signatures.find(({ starts, at }) => has(starts, at));
  if (known && (known.starts[0] !== 0x08 || (head[3] ?? 0) >= 0x80)) return sentence(known.advice);
  return isText(head) ? sentence('a text file. Choose the .onnx file') : undefined;
}

function isText(head: Uint8Array): boolean {
  try {
    // Streaming, because the head may end inside a character.
    const decoded = new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    return !/[^\P{Cc}\t\n\r]/u.test(decoded);
  } catch {
    return false;
  }
}

function zip(head: string): string {
  if (/data\.pkl|\.format_version|\.storage_alignment|byteorder/.test(head)) {
    return sentence('a PyTorch checkpoint (zip). Export it with torch.onnx.export');
  }
  return sentence('a zip archive. Unpack it and register the .onnx file inside');
}

function sentence(advice: string): string {
  return `This is not an ONNX model; it looks like ${advice}.`;
}
