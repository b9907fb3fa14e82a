-- Sums of telemetry windows by minute, hour and day, of each device and of the whole fleet (device_id of zeros), by slot and version
-- (zeros where the version is not known). Latencies are merged sketches, never averaged percentiles.
CREATE TABLE "telemetry_minute" (
    "organization_id" UUID NOT NULL,
    "device_id" UUID NOT NULL,
    "bucket_at" TIMESTAMPTZ(3) NOT NULL,
    "slot" TEXT NOT NULL,
    "version_id" UUID NOT NULL,
    "windows" BIGINT NOT NULL,
    "inferences" BIGINT NOT NULL,
    "errors" BIGINT NOT NULL,
    "duration_ms" BIGINT NOT NULL,
    "latency" BYTEA NOT NULL,
    "energy_j" DOUBLE PRECISION,
    "energy_inferences" BIGINT NOT NULL,
    "power_w_ms" DOUBLE PRECISION NOT NULL,
    "power_ms" BIGINT NOT NULL,
    "power_sources" TEXT NOT NULL,
    "cpu_pct_sum" DOUBLE PRECISION NOT NULL,
    "cpu_pct_n" BIGINT NOT NULL,
    "temp_c_sum" DOUBLE PRECISION NOT NULL,
    "temp_c_n" BIGINT NOT NULL,
    "runner_rss_bytes" DOUBLE PRECISION,
    "labelled_n" BIGINT NOT NULL,
    "labelled_correct" BIGINT NOT NULL,
    "throttled" BOOLEAN NOT NULL,

    CONSTRAINT "telemetry_minute_pkey" PRIMARY KEY ("organization_id", "device_id", "bucket_at", "slot", "version_id")
) PARTITION BY RANGE ("bucket_at");

CREATE TABLE "telemetry_minute_default" PARTITION OF "telemetry_minute" DEFAULT WITH (fillfactor = 70);

-- The rows of one hour or day are rewritten by each batch: room on their pages keeps that in place.
CREATE TABLE "telemetry_hour" (LIKE "telemetry_minute" INCLUDING CONSTRAINTS INCLUDING INDEXES) WITH (fillfactor = 60);
CREATE TABLE "telemetry_day" (LIKE "telemetry_minute" INCLUDING CONSTRAINTS INCLUDING INDEXES) WITH (fillfactor = 60);

-- Raw windows have one B-tree, their key, and a BRIN: what a version did is asked of the rollups.
DROP INDEX "telemetry_window_organization_id_version_id_start_at_idx";

-- Daily partitions of any table that is partitioned by a time.
CREATE FUNCTION ensure_daily_partitions(parent TEXT, time_column TEXT, first_day DATE, last_day DATE, page_fill INTEGER) RETURNS INTEGER LANGUAGE plpgsql AS $$
DECLARE
    day DATE;
    partition_name TEXT;
    made INTEGER := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext(parent));
    FOR day IN SELECT generate_series(first_day, last_day, interval '1 day')::date LOOP
        partition_name := parent || '_' || to_char(day, 'YYYYMMDD');
        IF to_regclass(partition_name) IS NULL THEN
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS) WITH (fillfactor = %s)', partition_name, parent, page_fill);
            EXECUTE format('WITH moved AS (DELETE FROM %I WHERE %I >= %L AND %I < %L RETURNING *) INSERT INTO %I SELECT * FROM moved',
                parent || '_default', time_column, day::timestamp AT TIME ZONE 'UTC', time_column, (day + 1)::timestamp AT TIME ZONE 'UTC', partition_name);
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                parent, partition_name, day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC');
            made := made + 1;
        END IF;
    END LOOP;
    RETURN made;
END $$;

-- Drops the partitions of whole days before this one.
CREATE FUNCTION drop_daily_partitions(parent TEXT, before_day DATE) RETURNS INTEGER LANGUAGE plpgsql AS $$
DECLARE
    partition_name TEXT;
    dropped INTEGER := 0;
BEGIN
    FOR partition_name IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = to_regclass(parent) AND c.relname ~ ('^' || parent || '_\d{8}$') AND to_date(right(c.relname, 8), 'YYYYMMDD') < before_day
    LOOP
        EXECUTE format('DROP TABLE %I', partition_name);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END $$;

DROP FUNCTION ensure_telemetry_partitions(DATE, DATE);

-- How long each kind is kept, in days.
ALTER TABLE "organization"
    ADD COLUMN "keep_windows_days" INTEGER NOT NULL DEFAULT 14,
    ADD COLUMN "keep_minutes_days" INTEGER NOT NULL DEFAULT 35,
    ADD COLUMN "keep_hours_days" INTEGER NOT NULL DEFAULT 400;
