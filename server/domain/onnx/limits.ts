/** Most bytes held of a file at once. */
export const WINDOW_BYTES = 64 * 1024;

/** Bytes read after a jump. Tensors are jumped over one by one, and what follows each is usually a few dozen bytes. */
export const WINDOW_AFTER_JUMP_BYTES = 4 * 1024;

/** Protobuf fields visited in one file, which take about two seconds. 60 000 nodes with attributes are 900 000 fields. */
export const MAX_FIELDS = 2_000_000;

/** Bytes of names and texts taken from one file. */
export const MAX_TEXT_BYTES = 32 * 1024 * 1024;

/** Bytes of one name: of a graph, operator, tensor, domain or producer. PyTorch's module paths reach a few hundred. */
export const MAX_NAME_BYTES = 4096;

/** Bytes kept of the description; the rest is left out. */
export const MAX_DOC_BYTES = 4096;

/** Metadata entries kept, and bytes kept of each value (class lists are long); the rest is left out. */
export const MAX_METADATA_ENTRIES = 64;
export const MAX_METADATA_KEY_BYTES = 256;
export const MAX_METADATA_VALUE_BYTES = 16 * 1024;

/** Nodes, and initializers, with those of subgraphs and functions. */
export const MAX_NODES = 500_000;
export const MAX_INITIALIZERS = 200_000;

/** Kinds of operators. ONNX itself has about 200. */
export const MAX_OPERATOR_KINDS = 2000;

/** Operator sets, and real inputs or outputs of the graph. */
export const MAX_OPSETS = 100;
export const MAX_PORTS = 1000;

/** Dimensions of one tensor. ONNX Runtime stops far below. */
export const MAX_RANK = 64;

/** Graphs inside graphs (If, Loop, Scan). Each level costs stack; real models have up to three. */
export const MAX_DEPTH = 16;

/** Files of external weights. Exporters that write one file per tensor reach a few hundred. */
export const MAX_EXTERNAL_FILES = 10_000;

/** Bytes of an external file's name, and of its offset and length written in decimal. */
export const MAX_LOCATION_BYTES = 1024;
