export {
  AgentPackage,
  AgentPackages,
  AgentVersion,
  DEFAULT_CONFIRM_WITHIN_S,
  DEFAULT_STABLE_S,
  DesiredAgent,
  MAX_STABLE_S,
} from './agent.ts';
export {
  ArchiveReceipt,
  Command,
  type CommandOp,
  commandArgs,
  commandOps,
  LogBatch,
  logLevels,
  MAX_ARCHIVE_BYTES,
  MAX_LOG_LINES,
  Reply,
} from './command.ts';
export { type Cron, parseCron } from './cron.ts';
export {
  CapturePolicy,
  DesiredSlot,
  DesiredState,
  DesiredWindow,
  PredictionSampling,
  TrustedKey,
} from './desired-state.ts';
export { DeviceEvent, EventMessage, eventKinds, eventsOf, KeptEvent } from './events.ts';
export { DeviceFacts } from './facts.ts';
export { gatherWrites } from './gather-writes.ts';
export {
  EnrollmentSecret,
  EnrollRequest,
  EnrollResponse,
  Problem,
  RegistryTokenRequest,
  RegistryTokenResponse,
  RenewRequest,
  RenewResponse,
} from './https.ts';
export {
  DEFAULT_WINDOW_S,
  MAX_COUNT_PER_WINDOW,
  MAX_EVENTS_PER_MESSAGE,
  MAX_IN_FLIGHT,
  MAX_MESSAGE_BYTES,
  MAX_SLOTS,
  MAX_STATE_BYTES,
  MAX_TELEMETRY_BYTES,
  MAX_WINDOWS_PER_MESSAGE,
  REPORT_MIN_INTERVAL_MS,
  RESEND_AFTER_MS,
} from './limits.ts';
export { GoldenFile, LabelsFile, OipInferRequest, OipInferResponse, OipTensor, tensorTypes } from './oip.ts';
export { Count, EpochMs, Sha256, SlotName, Uuid } from './primitives.ts';
export { type KnownReasonCode, Reason, reasonSentence, reasonSentences } from './reasons.ts';
export {
  Calibration,
  CalibrationCurve,
  CONFIDENCE_BINS,
  FeatureOf,
  featureStats,
  MAX_FEATURE_BINS,
  MAX_FEATURES,
  ReferenceFeature,
  ReferenceProfile,
} from './reference.ts';
export {
  type ContainerRuntime,
  fileRoles,
  Release,
  ReleaseCompanion,
  ReleaseFile,
  ReleaseInput,
  ReleaseObserve,
  ReleasePath,
  ReleaseProof,
  ReleaseRuntime,
  ReleaseSettings,
} from './release.ts';
export {
  AgentReport,
  HandOver,
  handOverSteps,
  Phase,
  ProofMeasure,
  ProofReport,
  phases,
  Reported,
  ServedRelease,
  Session,
  SlotReport,
} from './reported.ts';
export {
  addToSketch,
  emptySketch,
  meanOf,
  mergeSketch,
  mergeWires,
  quantileOf,
  quantileOfWire,
  SKETCH_ALPHA,
  type Sketch,
  SketchWire,
  sketchFromWire,
  sketchToWire,
} from './sketch.ts';
export {
  Ack,
  Confusion,
  DetectionCounts,
  Estimated,
  FeatureCounts,
  MAX_PREDICTIONS_PER_WINDOW,
  PowerSource,
  Prediction,
  powerSources,
  Telemetry,
  Window,
} from './telemetry.ts';
export {
  type DeviceTopicKind,
  deviceSubscriptions,
  deviceTopicKinds,
  mayDevicePublish,
  mayDeviceSubscribe,
  type ParsedTopic,
  parseTopic,
  type ServerTopicKind,
  serverSubscriptions,
  serverTopicKinds,
  topicOf,
} from './topics.ts';
export { DEVICE_JWT_AUDIENCE, DEVICE_JWT_MAX_AGE_S, PROTOCOL_VERSION } from './version.ts';
export { type WindowState, windowAt } from './window-at.ts';
