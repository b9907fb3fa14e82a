-- Quantiles of each window's latency, in ms: gates ask for those of thousands of windows at a time, and reading them out of sketches
-- would cost more than the judgement. Null for windows of before.
ALTER TABLE "telemetry_window" ADD COLUMN "latency_p50" DOUBLE PRECISION,
  ADD COLUMN "latency_p95" DOUBLE PRECISION,
  ADD COLUMN "latency_p99" DOUBLE PRECISION;
