-- What people ask of one device, how far it came, and what came of it. `jws` is sent until the device has answered.
CREATE TABLE "device_command" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "device_id" UUID NOT NULL,
    "op" TEXT NOT NULL,
    "args" JSONB NOT NULL,
    "jws" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'issued',
    "progress" DOUBLE PRECISION,
    "note" TEXT,
    "result" JSONB,
    "reason" JSONB,
    "actor_kind" TEXT NOT NULL,
    "actor_id" UUID,
    "issued_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "next_send_at" TIMESTAMPTZ(3) NOT NULL,
    "sends" INTEGER NOT NULL DEFAULT 0,
    "sent_at" TIMESTAMPTZ(3),
    "accepted_at" TIMESTAMPTZ(3),
    "heard_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "upload_id" UUID,
    "archive_sha256" TEXT,
    "archive_bytes" INTEGER,
    "archive_expires_at" TIMESTAMPTZ(3),

    CONSTRAINT "device_command_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "device_command_organization_id_device_id_fkey" FOREIGN KEY ("organization_id", "device_id")
      REFERENCES "device"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "device_command_organization_id_device_id_issued_at_idx" ON "device_command"("organization_id", "device_id", "issued_at");
-- The few that are not finished: what the worker looks at.
CREATE INDEX "device_command_open_idx" ON "device_command"("next_send_at") WHERE "finished_at" IS NULL;

-- The bytes of an archive, in the order they came. An upload counts once its command names it and its digest.
CREATE TABLE "command_archive_part" (
    "upload_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "organization_id" UUID NOT NULL,
    "command_id" UUID NOT NULL,
    "bytes" BYTEA NOT NULL,

    CONSTRAINT "command_archive_part_pkey" PRIMARY KEY ("upload_id", "position"),
    CONSTRAINT "command_archive_part_command_id_fkey" FOREIGN KEY ("command_id") REFERENCES "device_command"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "command_archive_part_command_id_idx" ON "command_archive_part"("command_id");
-- Compressed already.
ALTER TABLE "command_archive_part" ALTER COLUMN "bytes" SET STORAGE EXTERNAL;

-- The newest lines of each device's log.
CREATE TABLE "device_log_line" (
    "id" BIGSERIAL NOT NULL,
    "organization_id" UUID NOT NULL,
    "device_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "level" TEXT NOT NULL,
    "message" TEXT NOT NULL,

    CONSTRAINT "device_log_line_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "device_log_line_organization_id_device_id_fkey" FOREIGN KEY ("organization_id", "device_id")
      REFERENCES "device"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "device_log_line_device_id_id_idx" ON "device_log_line"("device_id", "id");

-- Whether this organization's devices may be asked to keep inputs, and how many samples at once.
ALTER TABLE "organization"
    ADD COLUMN "captures_allowed" BOOLEAN NOT NULL DEFAULT false,
    ADD COLUMN "capture_max_samples" INTEGER NOT NULL DEFAULT 1000;
