-- What a batch says of inputs, answers and truth is appended with what it adds to the minute: one row where two of the same devices were written,
-- and taken again. "place" is the order in which it came.
ALTER TABLE "telemetry_added" ADD COLUMN "place" BIGINT GENERATED ALWAYS AS IDENTITY;
ALTER TABLE "telemetry_added" ADD COLUMN "monitoring" TEXT;

-- What waits comes along as rows that add nothing to their minute, which is one that has windows of that hour. The sketch is an empty one.
INSERT INTO "telemetry_added" ("organization_id", "device_id", "bucket_at", "slot", "version_id", "windows", "inferences", "errors", "duration_ms", "latency",
    "energy_inferences", "power_w_ms", "power_ms", "power_sources", "cpu_pct_sum", "cpu_pct_n", "temp_c_sum", "temp_c_n", "labelled_n", "labelled_correct", "throttled", "monitoring")
SELECT a."organization_id", a."device_id", coalesce((SELECT max(t."bucket_at") FROM "telemetry_by_minute" t WHERE t."organization_id" = a."organization_id"
        AND t."device_id" = a."device_id" AND t."version_id" = a."version_id" AND t."slot" = a."slot"
        AND t."bucket_at" >= a."hour_at" AND t."bucket_at" < a."hour_at" + interval '1 hour'), a."hour_at"),
    a."slot", a."version_id", 0, 0, 0, 0, '\x0019' || decode(repeat('00', 25), 'hex'), 0, 0, 0, '', 0, 0, 0, 0, 0, 0, false, a."sums"
FROM "monitoring_added" a ORDER BY a."place";

DROP VIEW "monitoring_by_hour";
DROP TABLE "monitoring_added";
CREATE VIEW "monitoring_by_hour" AS
    SELECT "organization_id", "version_id", "device_id", "slot", "hour_at", "sums", 0::BIGINT AS "place" FROM "monitoring_hour"
    UNION ALL
    SELECT "organization_id", "version_id", "device_id", "slot", date_bin('1 hour', "bucket_at", '2000-01-01Z'), "monitoring"::json, "place"
        FROM "telemetry_added" WHERE "monitoring" IS NOT NULL;
