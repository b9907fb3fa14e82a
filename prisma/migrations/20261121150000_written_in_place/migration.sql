-- What a fleet rewrites all the time is rewritten in place: pages have room, and no index has a column that changes with every report. Each
-- index that an update cannot leave alone costs a ten thousand devices' rollout as much as the row itself.
DROP INDEX "deployment_rollout_id_state_idx";
DROP INDEX "desired_state_expires_at_idx";
ALTER TABLE "device" SET (fillfactor = 70);
ALTER TABLE "device_slot" SET (fillfactor = 70);
ALTER TABLE "device_stream" SET (fillfactor = 70);
ALTER TABLE "deployment" SET (fillfactor = 70);
ALTER TABLE "desired_state" SET (fillfactor = 50);

-- Facts come with every report and change with none: they are written when their digest is another.
ALTER TABLE "device" ADD COLUMN "facts_digest" TEXT;

-- An event is known by its place in its spool, listed by its device's time, and forgotten by when it came.
ALTER TABLE "device_event" DROP CONSTRAINT "device_event_pkey";
DROP INDEX "device_event_device_id_boot_seq_key";
ALTER TABLE "device_event" ADD CONSTRAINT "device_event_pkey" PRIMARY KEY ("device_id", "boot", "seq");
DROP INDEX "device_event_deployment_id_idx";
DROP INDEX "device_event_organization_id_device_id_at_idx";
CREATE INDEX "device_event_device_id_at_idx" ON "device_event"("device_id", "at");
CREATE INDEX "device_event_received_at_idx" ON "device_event" USING BRIN ("received_at");
