-- What telemetry is asked for by is its key alone: PostgreSQL samples only that, and no more of it than it needs to count devices. To sample
-- sketches and documents, thirty thousand rows at a time, took most of a core for seconds of every minute from those who wait for their windows.
DO $$
DECLARE
    attribute RECORD;
BEGIN
    FOR attribute IN
        SELECT a.attrelid::regclass AS of_table, a.attname AS name, a.attname IN
            ('organization_id', 'device_id', 'version_id', 'slot', 'start_at', 'bucket_at', 'hour_at', 'boot', 'seq', 'position') AS is_of_key
        FROM pg_attribute a
        WHERE a.attrelid IN (SELECT to_regclass(name) FROM unnest(ARRAY['telemetry_window', 'telemetry_minute', 'telemetry_hour', 'telemetry_day',
            'telemetry_added', 'monitoring_hour']) AS name) AND a.attnum > 0 AND NOT a.attisdropped
    LOOP
        -- Of a partitioned table, its partitions too.
        EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET STATISTICS %s', attribute.of_table, attribute.name, CASE WHEN attribute.is_of_key THEN 10 ELSE 0 END);
    END LOOP;
END $$;

-- As before, and a partition samples what its parent does: LIKE leaves that out.
CREATE OR REPLACE FUNCTION ensure_daily_partitions(parent TEXT, time_column TEXT, first_day DATE, last_day DATE, page_fill INTEGER) RETURNS INTEGER LANGUAGE plpgsql AS $$
DECLARE
    day DATE;
    partition_name TEXT;
    sampled RECORD;
    made INTEGER := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext(parent));
    FOR day IN SELECT generate_series(first_day, last_day, interval '1 day')::date LOOP
        partition_name := parent || '_' || to_char(day, 'YYYYMMDD');
        IF to_regclass(partition_name) IS NULL THEN
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS) WITH (fillfactor = %s)', partition_name, parent, page_fill);
            FOR sampled IN SELECT attname, attstattarget FROM pg_attribute WHERE attrelid = to_regclass(parent) AND attnum > 0 AND attstattarget >= 0 LOOP
                EXECUTE format('ALTER TABLE %I ALTER COLUMN %I SET STATISTICS %s', partition_name, sampled.attname, sampled.attstattarget);
            END LOOP;
            EXECUTE format('WITH moved AS (DELETE FROM %I WHERE %I >= %L AND %I < %L RETURNING *) INSERT INTO %I SELECT * FROM moved',
                parent || '_default', time_column, day::timestamp AT TIME ZONE 'UTC', time_column, (day + 1)::timestamp AT TIME ZONE 'UTC', partition_name);
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                parent, partition_name, day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC');
            made := made + 1;
        END IF;
    END LOOP;
    RETURN made;
END $$;
