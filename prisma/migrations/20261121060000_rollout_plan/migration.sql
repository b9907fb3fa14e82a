-- Plans kept by name, what a plan promised, who approved, and how often a device was told.

ALTER TABLE "organization" ADD COLUMN "production_selector" TEXT;

ALTER TABLE "rollout" ADD COLUMN "approved_by_id" UUID,
ADD COLUMN "approved_at" TIMESTAMPTZ(3);

ALTER TABLE "wave" ADD COLUMN "approved_by_id" UUID,
ADD COLUMN "approved_at" TIMESTAMPTZ(3);

ALTER TABLE "deployment" ADD COLUMN "tries" INTEGER NOT NULL DEFAULT 0;

-- Devices that were told before were told once.
UPDATE "deployment" SET "tries" = 1 WHERE "notified_at" IS NOT NULL;

CREATE TABLE "rollout_dry_run" (
    "organization_id" UUID NOT NULL,
    "rollout_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "content" JSONB NOT NULL,

    CONSTRAINT "rollout_dry_run_pkey" PRIMARY KEY ("rollout_id")
);

CREATE UNIQUE INDEX "rollout_dry_run_organization_id_rollout_id_key" ON "rollout_dry_run"("organization_id", "rollout_id");

ALTER TABLE "rollout_dry_run" ADD CONSTRAINT "rollout_dry_run_organization_id_rollout_id_fkey" FOREIGN KEY ("organization_id", "rollout_id") REFERENCES "rollout"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

CREATE TABLE "plan_template" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organization_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "plan" JSONB NOT NULL,
    "created_by_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "plan_template_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "plan_template_organization_id_name_key" ON "plan_template"("organization_id", "name");

