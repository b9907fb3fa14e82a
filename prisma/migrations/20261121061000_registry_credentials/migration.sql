-- How an organization's devices are let into a registry of images. The password is sealed by the server's key.
CREATE TABLE "registry_credential" (
    "id" UUID NOT NULL DEFAULT uuidv7(),
    "organization_id" UUID NOT NULL,
    "registry" TEXT NOT NULL,
    "username" TEXT NOT NULL,
    "sealed_password" TEXT NOT NULL,
    "created_by_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "registry_credential_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "registry_credential_organization_id_registry_key" ON "registry_credential"("organization_id", "registry");
