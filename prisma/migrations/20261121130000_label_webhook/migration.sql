-- How programs of an organization send labels with a signature in place of a key. Secrets are sealed by the server's key; the one before the
-- last change is good until `previous_until`.
CREATE TABLE "label_webhook" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organization_id" UUID NOT NULL,
    "sealed_secret" TEXT NOT NULL,
    "previous_secret" TEXT,
    "previous_until" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "renewed_at" TIMESTAMPTZ(3) NOT NULL,
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "label_webhook_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "label_webhook_organization_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE CASCADE
);

CREATE UNIQUE INDEX "label_webhook_organization_id_key" ON "label_webhook"("organization_id");
