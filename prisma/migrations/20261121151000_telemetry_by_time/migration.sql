-- The last minutes and hours of a whole fleet, without reading the day: rows come in order of time, so a few bytes for each range of pages tell where.
CREATE INDEX "telemetry_minute_bucket_at_idx" ON "telemetry_minute" USING BRIN ("bucket_at") WITH (pages_per_range = 32);
CREATE INDEX "telemetry_hour_bucket_at_idx" ON "telemetry_hour" USING BRIN ("bucket_at") WITH (pages_per_range = 32);
