-- Alerts: rules, where each subject of a rule stands, the outages that were made of it, and who was told.
ALTER TABLE "organization" ADD COLUMN "alert_defaults_at" TIMESTAMPTZ(3);

CREATE TABLE "alert_rule" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organization_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "is_enabled" BOOLEAN NOT NULL DEFAULT true,
    "severity" TEXT NOT NULL,
    "condition" JSONB NOT NULL,
    "pending_s" INTEGER NOT NULL,
    "clear_s" INTEGER NOT NULL,
    "no_data" TEXT NOT NULL,
    "group_label" TEXT,
    "channel_ids" UUID[] NOT NULL DEFAULT ARRAY[]::UUID[],
    "tells_all" BOOLEAN NOT NULL DEFAULT true,
    "retrain_channel_id" UUID,
    "default_key" TEXT,
    "created_by_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "evaluated_at" TIMESTAMPTZ(3),
    "failure" TEXT,

    CONSTRAINT "alert_rule_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "alert_rule_organization_id_id_key" ON "alert_rule"("organization_id", "id");
CREATE UNIQUE INDEX "alert_rule_organization_id_default_key_key" ON "alert_rule"("organization_id", "default_key");

CREATE TABLE "alert_state" (
    "organization_id" UUID NOT NULL,
    "rule_id" UUID NOT NULL,
    "subject_id" TEXT NOT NULL,
    "phase" TEXT NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,
    "clear_since" TIMESTAMPTZ(3),
    "alert_id" UUID,

    CONSTRAINT "alert_state_pkey" PRIMARY KEY ("rule_id", "subject_id"),
    CONSTRAINT "alert_state_organization_id_rule_id_fkey" FOREIGN KEY ("organization_id", "rule_id") REFERENCES "alert_rule"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "alert_state_organization_id_idx" ON "alert_state"("organization_id");
CREATE INDEX "alert_state_alert_id_idx" ON "alert_state"("alert_id");

CREATE TABLE "alert" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organization_id" UUID NOT NULL,
    "rule_id" UUID,
    "rule_name" TEXT NOT NULL,
    "severity" TEXT NOT NULL,
    "condition" JSONB NOT NULL,
    "group_key" TEXT NOT NULL,
    "fired_at" TIMESTAMPTZ(3) NOT NULL,
    "acknowledged_at" TIMESTAMPTZ(3),
    "resolved_at" TIMESTAMPTZ(3),
    "resolved_why" TEXT,
    "members" INTEGER NOT NULL DEFAULT 0,
    "peak_members" INTEGER NOT NULL DEFAULT 0,
    "notified_at" TIMESTAMPTZ(3),
    "notified_members" INTEGER NOT NULL DEFAULT 0,
    "growths" INTEGER NOT NULL DEFAULT 0,
    "muted_by_id" UUID,

    CONSTRAINT "alert_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "alert_rule_id_fkey" FOREIGN KEY ("rule_id") REFERENCES "alert_rule"("id") ON DELETE SET NULL ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "alert_organization_id_id_key" ON "alert"("organization_id", "id");
CREATE INDEX "alert_organization_id_fired_at_idx" ON "alert"("organization_id", "fired_at");
-- One outage is one alert, whoever evaluates and however often.
CREATE UNIQUE INDEX "alert_open_key" ON "alert"("rule_id", "group_key") WHERE "resolved_at" IS NULL;
CREATE INDEX "alert_open_idx" ON "alert"("organization_id") WHERE "resolved_at" IS NULL;

CREATE TABLE "alert_member" (
    "organization_id" UUID NOT NULL,
    "alert_id" UUID NOT NULL,
    "subject_id" TEXT NOT NULL,
    "subject_kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "fired_at" TIMESTAMPTZ(3) NOT NULL,
    "cleared_at" TIMESTAMPTZ(3),
    "evidence" JSONB NOT NULL,

    CONSTRAINT "alert_member_pkey" PRIMARY KEY ("alert_id", "subject_id"),
    CONSTRAINT "alert_member_organization_id_alert_id_fkey" FOREIGN KEY ("organization_id", "alert_id") REFERENCES "alert"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "alert_member_organization_id_subject_id_fired_at_idx" ON "alert_member"("organization_id", "subject_id", "fired_at");

CREATE TABLE "alert_event" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organization_id" UUID NOT NULL,
    "alert_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "kind" TEXT NOT NULL,
    "actor_kind" TEXT NOT NULL,
    "actor_id" TEXT,
    "detail" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "alert_event_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "alert_event_organization_id_alert_id_fkey" FOREIGN KEY ("organization_id", "alert_id") REFERENCES "alert"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "alert_event_alert_id_at_idx" ON "alert_event"("alert_id", "at");

CREATE TABLE "alert_channel" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organization_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "settings" JSONB NOT NULL,
    "sealed_secret" TEXT,
    "is_enabled" BOOLEAN NOT NULL DEFAULT true,
    "min_severity" TEXT NOT NULL,
    "created_by_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "alert_channel_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "alert_channel_organization_id_id_key" ON "alert_channel"("organization_id", "id");
CREATE UNIQUE INDEX "alert_channel_organization_id_name_key" ON "alert_channel"("organization_id", "name");

CREATE TABLE "alert_delivery" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organization_id" UUID NOT NULL,
    "channel_id" UUID NOT NULL,
    "alert_id" UUID,
    "kind" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "message" JSONB NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'waiting',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_try_at" TIMESTAMPTZ(3) NOT NULL,
    "last_error" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "alert_delivery_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "alert_delivery_organization_id_channel_id_fkey" FOREIGN KEY ("organization_id", "channel_id") REFERENCES "alert_channel"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "alert_delivery_organization_id_alert_id_fkey" FOREIGN KEY ("organization_id", "alert_id") REFERENCES "alert"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "alert_delivery_organization_id_id_key" ON "alert_delivery"("organization_id", "id");
CREATE UNIQUE INDEX "alert_delivery_alert_id_channel_id_key_key" ON "alert_delivery"("alert_id", "channel_id", "key");
CREATE INDEX "alert_delivery_organization_id_created_at_idx" ON "alert_delivery"("organization_id", "created_at");
CREATE INDEX "alert_delivery_waiting_idx" ON "alert_delivery"("next_try_at") WHERE "state" = 'waiting';

CREATE TABLE "alert_mute" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organization_id" UUID NOT NULL,
    "content" JSONB NOT NULL,
    "created_by_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "alert_mute_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "alert_mute_organization_id_idx" ON "alert_mute"("organization_id");
