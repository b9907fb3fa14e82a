/** The runtime in this agent's package, and the newest ONNX opset it loads. A test holds both against the real library. */
export const ORT_VERSION = '1.30.0';
export const MAX_OPSET = 26;
