-- What the inputs and answers of a version look like when all is well: as it was registered with, or learned from the first good hours.
CREATE TABLE "version_reference" (
    "organization_id" UUID NOT NULL,
    "version_id" UUID NOT NULL,
    -- registered: from a reference file; samples, golden: made from such a file at registration; learned: nothing was registered.
    "source" TEXT NOT NULL,
    "profile" JSONB,
    "learned" JSONB,
    "learned_from" TIMESTAMPTZ(3),
    "learned_at" TIMESTAMPTZ(3),
    -- What was gathered for a learned reference so far; null when none is being learned.
    "learning" JSON,
    "learn_hours" INTEGER NOT NULL,
    -- Grows when the reference changes: what was judged by another one counts no more.
    "revision" INTEGER NOT NULL DEFAULT 1,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "version_reference_pkey" PRIMARY KEY ("version_id"),
    CONSTRAINT "version_reference_version_fkey" FOREIGN KEY ("organization_id", "version_id") REFERENCES "model_version"("organization_id", "id") ON DELETE CASCADE
);

-- Counts of inputs, answers and truth that devices knew themselves, by hour: of each device, and of the fleet (device_id of zeros).
CREATE TABLE "monitoring_hour" (
    "organization_id" UUID NOT NULL,
    "version_id" UUID NOT NULL,
    "device_id" UUID NOT NULL,
    "slot" TEXT NOT NULL,
    "hour_at" TIMESTAMPTZ(3) NOT NULL,
    "sums" JSON NOT NULL,
    -- Looked at for drift. What comes later than that is shown, and judges nothing.
    "judged" BOOLEAN NOT NULL DEFAULT FALSE,

    CONSTRAINT "monitoring_hour_pkey" PRIMARY KEY ("organization_id", "version_id", "device_id", "slot", "hour_at")
) WITH (fillfactor = 70);

CREATE INDEX "monitoring_hour_due_idx" ON "monitoring_hour"("hour_at") WHERE NOT "judged";
CREATE INDEX "monitoring_hour_age_idx" ON "monitoring_hour" USING BRIN ("hour_at");

-- The windows that were judged last, and the one that is filling.
CREATE TABLE "drift_watch" (
    "organization_id" UUID NOT NULL,
    "version_id" UUID NOT NULL,
    "device_id" UUID NOT NULL,
    "slot" TEXT NOT NULL,
    "revision" INTEGER NOT NULL,
    "watch" JSON NOT NULL,
    "judged_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "drift_watch_pkey" PRIMARY KEY ("organization_id", "version_id", "device_id", "slot")
);

-- A drift from when it was found to when it was over, with the numbers it was found by.
CREATE TABLE "drift_finding" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organization_id" UUID NOT NULL,
    "version_id" UUID NOT NULL,
    "device_id" UUID NOT NULL,
    "slot" TEXT NOT NULL,
    -- input, answer, confidence
    "kind" TEXT NOT NULL,
    "feature" TEXT NOT NULL,
    -- slight, moderate, strong
    "severity" TEXT NOT NULL,
    "effect" DOUBLE PRECISION NOT NULL,
    "numbers" JSONB NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,
    "opened_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "closed_at" TIMESTAMPTZ(3),
    -- over: as the reference again; reference: the reference changed.
    "closed_by" TEXT,

    CONSTRAINT "drift_finding_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "drift_finding_open_key" ON "drift_finding"("organization_id", "version_id", "device_id", "slot", "kind", "feature") WHERE "closed_at" IS NULL;
CREATE INDEX "drift_finding_organization_id_opened_at_idx" ON "drift_finding"("organization_id", "opened_at");

-- An answer that was reported by itself, and what was right, whichever comes first: one key makes the second find the first.
CREATE TABLE "prediction" (
    "organization_id" UUID NOT NULL,
    "inference_id" TEXT NOT NULL,
    "device_id" UUID,
    "version_id" UUID,
    "slot" TEXT,
    -- When the answer was given; null while only its label is known.
    "at" TIMESTAMPTZ(3),
    "class" SMALLINT,
    "value" DOUBLE PRECISION,
    "confidence" REAL,
    -- Reported because its confidence was low, not by chance.
    "is_unsure" BOOLEAN NOT NULL DEFAULT FALSE,
    "label_class" SMALLINT,
    "label_value" DOUBLE PRECISION,
    "label_source" TEXT,
    "labelled_at" TIMESTAMPTZ(3),
    -- Labels that were replaced, newest first.
    "label_history" JSONB NOT NULL DEFAULT '[]',
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),

    CONSTRAINT "prediction_pkey" PRIMARY KEY ("organization_id", "inference_id")
) WITH (fillfactor = 80);

CREATE INDEX "prediction_organization_id_version_id_at_idx" ON "prediction"("organization_id", "version_id", "at");
CREATE INDEX "prediction_age_idx" ON "prediction" USING BRIN ("received_at");

-- Predictions by hour of the answer, and how many of them were labelled as what: of each device, and of the fleet (device_id of zeros).
-- predicted and actual are classes, -1 where there is none; a labelled number has actual 0 and its errors (answer − label) summed up.
CREATE TABLE "accuracy_hour" (
    "organization_id" UUID NOT NULL,
    "version_id" UUID NOT NULL,
    "device_id" UUID NOT NULL,
    "slot" TEXT NOT NULL,
    "hour_at" TIMESTAMPTZ(3) NOT NULL,
    "is_unsure" BOOLEAN NOT NULL,
    "predicted" SMALLINT NOT NULL,
    "actual" SMALLINT NOT NULL,
    "n" BIGINT NOT NULL,
    "abs_error_sum" DOUBLE PRECISION NOT NULL,
    "sq_error_sum" DOUBLE PRECISION NOT NULL,
    "error_sum" DOUBLE PRECISION NOT NULL,

    CONSTRAINT "accuracy_hour_pkey" PRIMARY KEY ("organization_id", "version_id", "device_id", "slot", "hour_at", "is_unsure", "predicted", "actual")
) WITH (fillfactor = 70);

CREATE INDEX "accuracy_hour_age_idx" ON "accuracy_hour" USING BRIN ("hour_at");

-- Which answers devices report one by one, and how long all this is kept.
ALTER TABLE "organization"
    ADD COLUMN "prediction_share" DOUBLE PRECISION NOT NULL DEFAULT 0.01,
    ADD COLUMN "prediction_unsure_below" DOUBLE PRECISION DEFAULT 0.5,
    ADD COLUMN "prediction_max_per_window" INTEGER NOT NULL DEFAULT 8,
    ADD COLUMN "keep_monitoring_days" INTEGER NOT NULL DEFAULT 400,
    ADD COLUMN "keep_predictions_days" INTEGER NOT NULL DEFAULT 90;
