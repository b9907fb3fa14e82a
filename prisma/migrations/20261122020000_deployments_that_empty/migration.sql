-- The deployments that empty a slot are asked for with every batch of reports, by their devices alone.
CREATE INDEX "deployment_that_empties_idx" ON "deployment"("device_id") WHERE "release_id" IS NULL;
