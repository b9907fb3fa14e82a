-- An event's own columns are not said again in its document, which is parsed and stored for each.
ALTER TABLE "device_event" RENAME COLUMN "payload" TO "details";
UPDATE "device_event" SET "details" = "details" - ARRAY['boot', 'seq', 'oldestSeq', 'at', 'kind', 'deployment'];
