-- Latencies of windows are stored as bytes (server/domain/telemetry/sketch-bytes.ts), a tenth of their JSON; and every stored sketch begins
-- with its length, so that sketches one after another stand for their sum and a rollup grows by appending.
CREATE FUNCTION pg_temp.varint(value BIGINT) RETURNS BYTEA LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    bytes BYTEA := '';
BEGIN
    WHILE value >= 128 LOOP
        bytes := bytes || set_byte('\x00', 0, (value % 128)::int | 128);
        value := value / 128;
    END LOOP;
    RETURN bytes || set_byte('\x00', 0, value::int);
END $$;

CREATE FUNCTION pg_temp.sketch_bytes(wire JSONB) RETURNS BYTEA LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    bytes BYTEA := reverse(float8send(coalesce((wire->>'sum')::float8, 0))) || reverse(float8send(coalesce((wire->>'min')::float8, 0)))
        || reverse(float8send(coalesce((wire->>'max')::float8, 0))) || pg_temp.varint(coalesce((wire->>'zeroCount')::bigint, 0));
    previous BIGINT := 0;
    step BIGINT;
BEGIN
    IF wire IS NULL THEN
        RETURN NULL;
    END IF;
    FOR pair IN 0 .. coalesce(jsonb_array_length(wire->'buckets'), 0) / 2 - 1 LOOP
        step := (wire->'buckets'->>(2 * pair))::bigint - previous;
        previous := previous + step;
        bytes := bytes || pg_temp.varint(CASE WHEN step < 0 THEN -2 * step - 1 ELSE 2 * step END) || pg_temp.varint((wire->'buckets'->>(2 * pair + 1))::bigint);
    END LOOP;
    RETURN int2send(length(bytes)::int2) || bytes;
END $$;

ALTER TABLE "telemetry_window"
    ALTER COLUMN "latency_run" TYPE BYTEA USING pg_temp.sketch_bytes("latency_run"),
    ALTER COLUMN "latency_total" TYPE BYTEA USING pg_temp.sketch_bytes("latency_total");

UPDATE "telemetry_minute" SET "latency" = int2send(length("latency")::int2) || "latency";
UPDATE "telemetry_hour" SET "latency" = int2send(length("latency")::int2) || "latency";
UPDATE "telemetry_day" SET "latency" = int2send(length("latency")::int2) || "latency";

-- Rewritten by every batch that hears of a device: room on their pages keeps that in place, without new index entries.
ALTER TABLE "device" SET (fillfactor = 70);
ALTER TABLE "device_stream" SET (fillfactor = 50);

-- Up to when the organization's metrics were sent to an OpenTelemetry collector.
ALTER TABLE "organization" ADD COLUMN "otlp_sent_until" TIMESTAMPTZ(3);
