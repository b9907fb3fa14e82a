-- Events and telemetry of a spool are committed by different transactions: with a row each, neither waits for the other.
ALTER TABLE "device_stream" RENAME TO "device_stream_of_both";
ALTER TABLE "device_stream_of_both" RENAME CONSTRAINT "device_stream_pkey" TO "device_stream_of_both_pkey";
CREATE TABLE "device_stream" (
    "device_id" UUID NOT NULL,
    "boot" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "organization_id" UUID NOT NULL,
    "seq" BIGINT NOT NULL DEFAULT 0,
    "ahead" BIGINT[] NOT NULL DEFAULT ARRAY[]::BIGINT[],
    "dropped_windows" BIGINT NOT NULL DEFAULT 0,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "device_stream_pkey" PRIMARY KEY ("device_id", "boot", "kind")
) WITH (fillfactor = 50);
INSERT INTO "device_stream" ("device_id", "boot", "kind", "organization_id", "seq", "ahead", "dropped_windows", "updated_at")
    SELECT "device_id", "boot", 'telemetry', "organization_id", "telemetry_seq", "telemetry_ahead", "dropped_windows", "updated_at" FROM "device_stream_of_both"
    UNION ALL SELECT "device_id", "boot", 'events', "organization_id", "event_seq", "event_ahead", 0, "updated_at" FROM "device_stream_of_both";
DROP TABLE "device_stream_of_both";

-- Looked for every two seconds, and hardly ever there.
CREATE INDEX "device_decommissioned_at_idx" ON "device"("decommissioned_at") WHERE "decommissioned_at" IS NOT NULL;
CREATE INDEX "certificate_revoked_at_idx" ON "certificate"("revoked_at") WHERE "revoked_at" IS NOT NULL;
