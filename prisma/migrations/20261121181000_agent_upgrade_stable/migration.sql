-- How long a new agent must serve without a break before it is confirmed. Upgrades until now left that to the agent: a minute.
ALTER TABLE "agent_upgrade" ADD COLUMN "stable_s" INTEGER NOT NULL DEFAULT 60;
