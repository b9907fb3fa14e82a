-- The newest deployment of a device is one look, however many it had.
CREATE INDEX "deployment_organization_id_device_id_id_idx" ON "deployment"("organization_id", "device_id", "id");
DROP INDEX "deployment_organization_id_device_id_slot_idx";
