-- Agents that this installation can hand out, older ones too. They are the server's own, and of no organization.
CREATE TABLE "agent_version" (
    "version" TEXT NOT NULL,
    "packages" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "offered_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "agent_version_pkey" PRIMARY KEY ("version")
);

-- {order, version}: the agent that a device is told to become. Null: the one that it runs.
ALTER TABLE "desired_state" ADD COLUMN "agent" JSONB;

-- What an agent says of itself and its upgrade, apart from the device's row: it changes seldom, that one with every message.
CREATE TABLE "device_agent" (
    "device_id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "report" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "device_agent_pkey" PRIMARY KEY ("device_id"),
    CONSTRAINT "device_agent_organization_id_device_id_fkey" FOREIGN KEY ("organization_id", "device_id")
      REFERENCES "device"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "device_agent_organization_id_device_id_key" ON "device_agent"("organization_id", "device_id");

CREATE TABLE "agent_upgrade" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "version" TEXT NOT NULL,
    "selector" TEXT,
    "first_devices" INTEGER NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'running',
    "stopped_by" TEXT,
    "created_by_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "agent_upgrade_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "agent_upgrade_version_fkey" FOREIGN KEY ("version") REFERENCES "agent_version"("version") ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "agent_upgrade_organization_id_id_key" ON "agent_upgrade"("organization_id", "id");
CREATE INDEX "agent_upgrade_organization_id_created_at_idx" ON "agent_upgrade"("organization_id", "created_at");
-- The few that are under way: what the worker looks at.
CREATE INDEX "agent_upgrade_open_idx" ON "agent_upgrade"("created_at") WHERE "finished_at" IS NULL;

CREATE TABLE "agent_upgrade_device" (
    "upgrade_id" UUID NOT NULL,
    "device_id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'waiting',
    "from_version" TEXT NOT NULL,
    "told_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "reason" JSONB,

    CONSTRAINT "agent_upgrade_device_pkey" PRIMARY KEY ("upgrade_id", "device_id"),
    CONSTRAINT "agent_upgrade_device_organization_id_upgrade_id_fkey" FOREIGN KEY ("organization_id", "upgrade_id")
      REFERENCES "agent_upgrade"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "agent_upgrade_device_organization_id_device_id_fkey" FOREIGN KEY ("organization_id", "device_id")
      REFERENCES "device"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "agent_upgrade_device_device_id_idx" ON "agent_upgrade_device"("device_id");
