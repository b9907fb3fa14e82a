-- What a window says beside its columns is written with every window and read rarely: as text it is half as long, and nothing is made of it first.
ALTER TABLE "telemetry_window" ALTER COLUMN "rest" DROP DEFAULT;
ALTER TABLE "telemetry_window" ALTER COLUMN "rest" TYPE JSON USING "rest"::json;
ALTER TABLE "telemetry_window" ALTER COLUMN "rest" SET DEFAULT '{}';
