-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "enrollment_token" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organization_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "secret_hash" TEXT NOT NULL,
    "labels" JSONB NOT NULL DEFAULT '{}',
    "max_uses" INTEGER NOT NULL,
    "uses" INTEGER NOT NULL DEFAULT 0,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),
    "created_by_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "enrollment_token_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "device" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "public_key" TEXT NOT NULL,
    "key_fingerprint" TEXT NOT NULL,
    "enrollment_token_id" UUID,
    "facts" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "decommissioned_at" TIMESTAMPTZ(3),
    "online" BOOLEAN NOT NULL DEFAULT false,
    "online_changed_at" TIMESTAMPTZ(3),
    "session" BIGINT NOT NULL DEFAULT 0,
    "last_heard_at" TIMESTAMPTZ(3),
    "reported_session" BIGINT NOT NULL DEFAULT 0,
    "reported_rev" BIGINT NOT NULL DEFAULT 0,
    "reported_generation" BIGINT NOT NULL DEFAULT 0,
    "clock_offset_ms" DOUBLE PRECISION,

    CONSTRAINT "device_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "device_label" (
    "organization_id" UUID NOT NULL,
    "device_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "value" TEXT NOT NULL,

    CONSTRAINT "device_label_pkey" PRIMARY KEY ("device_id","key")
);

-- CreateTable
CREATE TABLE "certificate" (
    "serial" TEXT NOT NULL,
    "organization_id" UUID NOT NULL,
    "device_id" UUID NOT NULL,
    "pem" TEXT NOT NULL,
    "not_before" TIMESTAMPTZ(3) NOT NULL,
    "not_after" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "certificate_pkey" PRIMARY KEY ("serial")
);

-- CreateTable
CREATE TABLE "device_slot" (
    "organization_id" UUID NOT NULL,
    "device_id" UUID NOT NULL,
    "slot" TEXT NOT NULL,
    "phase" TEXT NOT NULL,
    "phase_since" TIMESTAMPTZ(3) NOT NULL,
    "serving_release_id" UUID,
    "serving_since" TIMESTAMPTZ(3),
    "report" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "device_slot_pkey" PRIMARY KEY ("device_id","slot")
);

-- CreateTable
CREATE TABLE "desired_state" (
    "device_id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "generation" INTEGER NOT NULL,
    "slots" JSONB NOT NULL,
    "jws" TEXT NOT NULL,
    "issued_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "desired_state_pkey" PRIMARY KEY ("device_id")
);

-- CreateTable
CREATE TABLE "device_stream" (
    "device_id" UUID NOT NULL,
    "boot" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "telemetry_seq" BIGINT NOT NULL DEFAULT 0,
    "telemetry_ahead" BIGINT[] DEFAULT ARRAY[]::BIGINT[],
    "event_seq" BIGINT NOT NULL DEFAULT 0,
    "event_ahead" BIGINT[] DEFAULT ARRAY[]::BIGINT[],
    "dropped_windows" BIGINT NOT NULL DEFAULT 0,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "device_stream_pkey" PRIMARY KEY ("device_id","boot")
);

-- CreateTable
CREATE TABLE "device_event" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organization_id" UUID NOT NULL,
    "device_id" UUID NOT NULL,
    "boot" UUID NOT NULL,
    "seq" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "kind" TEXT NOT NULL,
    "deployment_id" UUID,
    "payload" JSONB NOT NULL,

    CONSTRAINT "device_event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "refused_message" (
    "organization_id" UUID NOT NULL,
    "device_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "count" BIGINT NOT NULL,
    "last_detail" TEXT NOT NULL,
    "last_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "refused_message_pkey" PRIMARY KEY ("device_id","kind","code")
);

-- CreateTable
CREATE TABLE "organization" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "organization_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "app_user" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "password_hash" TEXT NOT NULL,
    "disabled_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "app_user_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "membership" (
    "organization_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "role" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "membership_pkey" PRIMARY KEY ("organization_id","user_id")
);

-- CreateTable
CREATE TABLE "user_session" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "user_id" UUID NOT NULL,
    "user_agent" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "user_session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_key" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organization_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "secret_hash" TEXT NOT NULL,
    "scopes" TEXT[],
    "created_by_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_key_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "rate_limit" (
    "key" TEXT NOT NULL,
    "window_start" TIMESTAMPTZ(3) NOT NULL,
    "count" INTEGER NOT NULL,

    CONSTRAINT "rate_limit_pkey" PRIMARY KEY ("key","window_start")
);

-- CreateTable
CREATE TABLE "idempotency_record" (
    "organization_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "request_hash" TEXT NOT NULL,
    "status" INTEGER,
    "response" JSONB,
    "location" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "idempotency_record_pkey" PRIMARY KEY ("organization_id","key")
);

-- CreateTable
CREATE TABLE "audit_entry" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organization_id" UUID NOT NULL,
    "actor_kind" TEXT NOT NULL,
    "actor_id" TEXT,
    "action" TEXT NOT NULL,
    "subject_kind" TEXT NOT NULL,
    "subject_id" TEXT NOT NULL,
    "detail" JSONB NOT NULL DEFAULT '{}',
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "audit_entry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "model" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organization_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "model_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "model_version" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organization_id" UUID NOT NULL,
    "model_id" UUID NOT NULL,
    "version" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "size_bytes" BIGINT NOT NULL,
    "facts" JSONB NOT NULL,
    "notes" TEXT NOT NULL DEFAULT '',
    "created_by_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "model_version_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "version_file" (
    "organization_id" UUID NOT NULL,
    "version_id" UUID NOT NULL,
    "path" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,

    CONSTRAINT "version_file_pkey" PRIMARY KEY ("version_id","path")
);

-- CreateTable
CREATE TABLE "artifact" (
    "organization_id" UUID NOT NULL,
    "sha256" TEXT NOT NULL,
    "size_bytes" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "artifact_pkey" PRIMARY KEY ("organization_id","sha256")
);

-- CreateTable
CREATE TABLE "release" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organization_id" UUID NOT NULL,
    "version_id" UUID NOT NULL,
    "content_hash" TEXT NOT NULL,
    "document" JSONB NOT NULL,
    "created_by_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "release_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "rollout" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organization_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "slot" TEXT NOT NULL,
    "release_id" UUID,
    "plan" JSONB NOT NULL,
    "state" TEXT NOT NULL,
    "state_since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "state_reason" JSONB,
    "revision" INTEGER NOT NULL DEFAULT 0,
    "rollback_of_id" UUID,
    "created_by_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "rollout_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "wave" (
    "organization_id" UUID NOT NULL,
    "rollout_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3),
    "baking_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "verdict" JSONB,

    CONSTRAINT "wave_pkey" PRIMARY KEY ("rollout_id","position")
);

-- CreateTable
CREATE TABLE "deployment" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organization_id" UUID NOT NULL,
    "rollout_id" UUID NOT NULL,
    "wave_position" INTEGER NOT NULL,
    "device_id" UUID NOT NULL,
    "slot" TEXT NOT NULL,
    "release_id" UUID,
    "previous_release_id" UUID,
    "state" TEXT NOT NULL,
    "state_since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "reason" JSONB,
    "progress" JSONB,
    "proof" JSONB,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "notified_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "deployment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "rollout_decision" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organization_id" UUID NOT NULL,
    "rollout_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor_kind" TEXT NOT NULL,
    "actor_id" TEXT,
    "kind" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "evidence" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "rollout_decision_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "lease" (
    "name" TEXT NOT NULL,
    "holder" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "lease_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "outbox" (
    "id" BIGSERIAL NOT NULL,
    "organization_id" UUID NOT NULL,
    "device_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "telemetry_window" (
    "organization_id" UUID NOT NULL,
    "device_id" UUID NOT NULL,
    "start_at" TIMESTAMPTZ(3) NOT NULL,
    "duration_ms" INTEGER NOT NULL,
    "slot" TEXT NOT NULL,
    "release_id" UUID NOT NULL,
    "version_id" UUID,
    "boot" UUID NOT NULL,
    "seq" BIGINT NOT NULL,
    "position" INTEGER NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "inferences" BIGINT NOT NULL,
    "errors" BIGINT NOT NULL,
    "latency_run" JSONB NOT NULL,
    "latency_total" JSONB,
    "energy_j" DOUBLE PRECISION,
    "power_w" DOUBLE PRECISION,
    "power_source" TEXT,
    "cpu_pct" DOUBLE PRECISION,
    "rss_bytes" DOUBLE PRECISION,
    "runner_rss_bytes" DOUBLE PRECISION,
    "memory_used_bytes" DOUBLE PRECISION,
    "temp_c" DOUBLE PRECISION,
    "throttled" BOOLEAN,
    "battery_pct" DOUBLE PRECISION,
    "disk_free_bytes" DOUBLE PRECISION,
    "labelled_n" BIGINT,
    "labelled_correct" BIGINT,
    "rest" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "telemetry_window_pkey" PRIMARY KEY ("device_id","start_at","boot","seq","position")
) PARTITION BY RANGE ("start_at");

-- By hand: a partition a day, made ahead by the worker. What falls outside (a device that lived through years offline) lands in the
-- default partition, so that a window is never refused for its date.
CREATE TABLE "telemetry_window_default" PARTITION OF "telemetry_window" DEFAULT;

CREATE FUNCTION ensure_telemetry_partitions(first_day DATE, last_day DATE) RETURNS INTEGER LANGUAGE plpgsql AS $$
DECLARE
    day DATE := first_day;
    made INTEGER := 0;
    partition_name TEXT;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('telemetry_partitions'));
    WHILE day <= last_day LOOP
        partition_name := 'telemetry_window_' || to_char(day, 'YYYYMMDD');
        IF to_regclass(partition_name) IS NULL THEN
            EXECUTE format('CREATE TABLE %I (LIKE telemetry_window INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', partition_name);
            EXECUTE format('WITH moved AS (DELETE FROM telemetry_window_default WHERE start_at >= %L AND start_at < %L RETURNING *) INSERT INTO %I SELECT * FROM moved',
                day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC', partition_name);
            EXECUTE format('ALTER TABLE telemetry_window ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                partition_name, day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC');
            made := made + 1;
        END IF;
        day := day + 1;
    END LOOP;
    RETURN made;
END $$;

-- CreateIndex
CREATE INDEX "enrollment_token_organization_id_idx" ON "enrollment_token"("organization_id");

-- CreateIndex
CREATE UNIQUE INDEX "device_key_fingerprint_key" ON "device"("key_fingerprint");

-- CreateIndex
CREATE UNIQUE INDEX "device_organization_id_name_key" ON "device"("organization_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "device_organization_id_id_key" ON "device"("organization_id", "id");

-- CreateIndex
CREATE INDEX "device_label_organization_id_key_value_idx" ON "device_label"("organization_id", "key", "value");

-- CreateIndex
CREATE INDEX "certificate_device_id_idx" ON "certificate"("device_id");

-- CreateIndex
CREATE INDEX "device_slot_organization_id_serving_release_id_idx" ON "device_slot"("organization_id", "serving_release_id");

-- CreateIndex
CREATE INDEX "desired_state_expires_at_idx" ON "desired_state"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "desired_state_organization_id_device_id_key" ON "desired_state"("organization_id", "device_id");

-- CreateIndex
CREATE INDEX "device_event_organization_id_device_id_at_idx" ON "device_event"("organization_id", "device_id", "at");

-- CreateIndex
CREATE INDEX "device_event_deployment_id_idx" ON "device_event"("deployment_id");

-- CreateIndex
CREATE UNIQUE INDEX "device_event_device_id_boot_seq_key" ON "device_event"("device_id", "boot", "seq");

-- CreateIndex
CREATE INDEX "refused_message_organization_id_idx" ON "refused_message"("organization_id");

-- CreateIndex
CREATE UNIQUE INDEX "organization_slug_key" ON "organization"("slug");

-- CreateIndex
CREATE UNIQUE INDEX "app_user_email_key" ON "app_user"("email");

-- CreateIndex
CREATE INDEX "membership_user_id_idx" ON "membership"("user_id");

-- CreateIndex
CREATE INDEX "user_session_user_id_idx" ON "user_session"("user_id");

-- CreateIndex
CREATE INDEX "api_key_organization_id_idx" ON "api_key"("organization_id");

-- CreateIndex
CREATE INDEX "audit_entry_organization_id_at_idx" ON "audit_entry"("organization_id", "at");

-- CreateIndex
CREATE INDEX "audit_entry_organization_id_subject_kind_subject_id_idx" ON "audit_entry"("organization_id", "subject_kind", "subject_id");

-- CreateIndex
CREATE UNIQUE INDEX "model_organization_id_name_key" ON "model"("organization_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "model_organization_id_id_key" ON "model"("organization_id", "id");

-- CreateIndex
CREATE INDEX "model_version_organization_id_sha256_idx" ON "model_version"("organization_id", "sha256");

-- CreateIndex
CREATE UNIQUE INDEX "model_version_model_id_version_key" ON "model_version"("model_id", "version");

-- CreateIndex
CREATE UNIQUE INDEX "model_version_organization_id_id_key" ON "model_version"("organization_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "release_organization_id_content_hash_key" ON "release"("organization_id", "content_hash");

-- CreateIndex
CREATE UNIQUE INDEX "release_organization_id_id_key" ON "release"("organization_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "rollout_rollback_of_id_key" ON "rollout"("rollback_of_id");

-- CreateIndex
CREATE INDEX "rollout_organization_id_created_at_idx" ON "rollout"("organization_id", "created_at");

-- CreateIndex
CREATE INDEX "rollout_state_idx" ON "rollout"("state");

-- CreateIndex
CREATE UNIQUE INDEX "rollout_organization_id_id_key" ON "rollout"("organization_id", "id");

-- CreateIndex
CREATE INDEX "deployment_organization_id_device_id_slot_idx" ON "deployment"("organization_id", "device_id", "slot");

-- CreateIndex
CREATE INDEX "deployment_rollout_id_state_idx" ON "deployment"("rollout_id", "state");

-- CreateIndex
CREATE UNIQUE INDEX "deployment_rollout_id_device_id_key" ON "deployment"("rollout_id", "device_id");

-- CreateIndex
CREATE INDEX "rollout_decision_rollout_id_at_idx" ON "rollout_decision"("rollout_id", "at");

-- CreateIndex
CREATE INDEX "outbox_kind_id_idx" ON "outbox"("kind", "id");

-- CreateIndex
CREATE INDEX "telemetry_window_organization_id_version_id_start_at_idx" ON "telemetry_window"("organization_id", "version_id", "start_at");

-- AddForeignKey
ALTER TABLE "device_label" ADD CONSTRAINT "device_label_organization_id_device_id_fkey" FOREIGN KEY ("organization_id", "device_id") REFERENCES "device"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "certificate" ADD CONSTRAINT "certificate_organization_id_device_id_fkey" FOREIGN KEY ("organization_id", "device_id") REFERENCES "device"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "device_slot" ADD CONSTRAINT "device_slot_organization_id_device_id_fkey" FOREIGN KEY ("organization_id", "device_id") REFERENCES "device"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "desired_state" ADD CONSTRAINT "desired_state_organization_id_device_id_fkey" FOREIGN KEY ("organization_id", "device_id") REFERENCES "device"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "membership" ADD CONSTRAINT "membership_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "membership" ADD CONSTRAINT "membership_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "app_user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "user_session" ADD CONSTRAINT "user_session_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "app_user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "model_version" ADD CONSTRAINT "model_version_organization_id_model_id_fkey" FOREIGN KEY ("organization_id", "model_id") REFERENCES "model"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "version_file" ADD CONSTRAINT "version_file_organization_id_version_id_fkey" FOREIGN KEY ("organization_id", "version_id") REFERENCES "model_version"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "version_file" ADD CONSTRAINT "version_file_organization_id_sha256_fkey" FOREIGN KEY ("organization_id", "sha256") REFERENCES "artifact"("organization_id", "sha256") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "release" ADD CONSTRAINT "release_organization_id_version_id_fkey" FOREIGN KEY ("organization_id", "version_id") REFERENCES "model_version"("organization_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "rollout" ADD CONSTRAINT "rollout_rollback_of_id_fkey" FOREIGN KEY ("rollback_of_id") REFERENCES "rollout"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "wave" ADD CONSTRAINT "wave_organization_id_rollout_id_fkey" FOREIGN KEY ("organization_id", "rollout_id") REFERENCES "rollout"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "deployment" ADD CONSTRAINT "deployment_organization_id_rollout_id_fkey" FOREIGN KEY ("organization_id", "rollout_id") REFERENCES "rollout"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "deployment" ADD CONSTRAINT "deployment_organization_id_device_id_fkey" FOREIGN KEY ("organization_id", "device_id") REFERENCES "device"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "rollout_decision" ADD CONSTRAINT "rollout_decision_organization_id_rollout_id_fkey" FOREIGN KEY ("organization_id", "rollout_id") REFERENCES "rollout"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- By hand: BRIN suits rows that arrive almost in order of time, at a thousandth of a B-tree's size.
CREATE INDEX "telemetry_window_start_at_brin" ON "telemetry_window" USING BRIN ("start_at");
ALTER TABLE "enrollment_token" ADD CONSTRAINT "enrollment_token_uses_bounded" CHECK ("uses" >= 0 AND "uses" <= "max_uses");
ALTER TABLE "desired_state" ADD CONSTRAINT "desired_state_generation_positive" CHECK ("generation" >= 1);
