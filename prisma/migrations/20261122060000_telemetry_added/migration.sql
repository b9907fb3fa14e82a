-- What each batch of telemetry adds to the minutes of its devices and of the fleet, until a fold adds it to the rollups themselves: a row that is
-- appended costs a tenth of one that is rewritten. "bucket_at" may be any moment of the minute.
CREATE TABLE "telemetry_added" (LIKE "telemetry_minute") WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);
CREATE INDEX "telemetry_added_device_idx" ON "telemetry_added"("organization_id", "device_id");

-- What readers read: the rollups, and what was not added to them yet.
CREATE VIEW "telemetry_by_minute" AS
    SELECT "organization_id", "device_id", "bucket_at", "slot", "version_id", "windows", "inferences", "errors", "duration_ms", "latency", "energy_j", "energy_inferences", "power_w_ms", "power_ms", "power_sources", "cpu_pct_sum", "cpu_pct_n", "temp_c_sum", "temp_c_n", "runner_rss_bytes", "labelled_n", "labelled_correct", "throttled" FROM "telemetry_minute"
    UNION ALL
    SELECT "organization_id", "device_id", date_bin('1 minute', "bucket_at", '2000-01-01Z'), "slot", "version_id", "windows", "inferences", "errors", "duration_ms", "latency", "energy_j", "energy_inferences", "power_w_ms", "power_ms", "power_sources", "cpu_pct_sum", "cpu_pct_n", "temp_c_sum", "temp_c_n", "runner_rss_bytes", "labelled_n", "labelled_correct", "throttled" FROM "telemetry_added";
CREATE VIEW "telemetry_by_hour" AS
    SELECT "organization_id", "device_id", "bucket_at", "slot", "version_id", "windows", "inferences", "errors", "duration_ms", "latency", "energy_j", "energy_inferences", "power_w_ms", "power_ms", "power_sources", "cpu_pct_sum", "cpu_pct_n", "temp_c_sum", "temp_c_n", "runner_rss_bytes", "labelled_n", "labelled_correct", "throttled" FROM "telemetry_hour"
    UNION ALL
    SELECT "organization_id", "device_id", date_bin('1 hour', "bucket_at", '2000-01-01Z'), "slot", "version_id", "windows", "inferences", "errors", "duration_ms", "latency", "energy_j", "energy_inferences", "power_w_ms", "power_ms", "power_sources", "cpu_pct_sum", "cpu_pct_n", "temp_c_sum", "temp_c_n", "runner_rss_bytes", "labelled_n", "labelled_correct", "throttled" FROM "telemetry_added";
CREATE VIEW "telemetry_by_day" AS
    SELECT "organization_id", "device_id", "bucket_at", "slot", "version_id", "windows", "inferences", "errors", "duration_ms", "latency", "energy_j", "energy_inferences", "power_w_ms", "power_ms", "power_sources", "cpu_pct_sum", "cpu_pct_n", "temp_c_sum", "temp_c_n", "runner_rss_bytes", "labelled_n", "labelled_correct", "throttled" FROM "telemetry_day"
    UNION ALL
    SELECT "organization_id", "device_id", date_bin('1 day', "bucket_at", '2000-01-01Z'), "slot", "version_id", "windows", "inferences", "errors", "duration_ms", "latency", "energy_j", "energy_inferences", "power_w_ms", "power_ms", "power_sources", "cpu_pct_sum", "cpu_pct_n", "temp_c_sum", "temp_c_n", "runner_rss_bytes", "labelled_n", "labelled_correct", "throttled" FROM "telemetry_added";

-- The same of what is watched of inputs, answers and truth; "place" is the order in which it came.
CREATE TABLE "monitoring_added" (
    "place" BIGINT GENERATED ALWAYS AS IDENTITY,
    "organization_id" UUID NOT NULL,
    "version_id" UUID NOT NULL,
    "device_id" UUID NOT NULL,
    "slot" TEXT NOT NULL,
    "hour_at" TIMESTAMPTZ(3) NOT NULL,
    "sums" JSON NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);
CREATE INDEX "monitoring_added_device_idx" ON "monitoring_added"("organization_id", "device_id");

CREATE VIEW "monitoring_by_hour" AS
    SELECT "organization_id", "version_id", "device_id", "slot", "hour_at", "sums", 0 AS "place" FROM "monitoring_hour"
    UNION ALL
    SELECT "organization_id", "version_id", "device_id", "slot", "hour_at", "sums", "place" FROM "monitoring_added";
