-- An event's own columns are not said again in its document: most of the cost of storing one was to parse them there.
ALTER TABLE "device_event" RENAME COLUMN "payload" TO "details";
UPDATE "device_event" SET "details" = "details" - ARRAY['boot', 'seq', 'oldestSeq', 'at', 'kind', 'deployment'];
