-- Since when, and until when, the server could hear devices: one row for the installation. Silence is counted against a device only while
-- somebody listened.
CREATE TABLE "listening" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "since" TIMESTAMPTZ(3) NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "listening_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "listening_one" CHECK ("id" = 1)
);
