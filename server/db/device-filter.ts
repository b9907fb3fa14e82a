import { parseSelector, type Requirement } from '../domain/device/selector.ts';
import { Prisma } from './generated/client.ts';

const FACTS = 'facts.';

/** A selector as a condition on `device d`. Values travel as parameters. @throws AppError `invalid` */
export function selectorCondition(selector: string): Prisma.Sql {
  const conditions = parseSelector(selector).map(conditionOf);
  return conditions.length === 0 ? Prisma.sql`TRUE` : Prisma.join(conditions, ' AND ');
}

function conditionOf(requirement: Requirement): Prisma.Sql {
  const { key } = requirement;
  const value = key.startsWith(FACTS)
    ? Prisma.sql`(d.facts ->> ${key.slice(FACTS.length)})`
    : labelValue(Prisma.sql`d.id`, key);
  switch (requirement.op) {
    case 'in':
      return Prisma.sql`${value} = ANY(${requirement.values}::text[])`;
    case 'not-in':
      return Prisma.sql`(${value} IS NULL OR ${value} <> ALL(${requirement.values}::text[]))`;
    case 'exists':
      return Prisma.sql`${value} IS NOT NULL`;
    case 'not-exists':
      return Prisma.sql`${value} IS NULL`;
  }
}

/** The value of a device's label as SQL; null for a device without it. */
export function labelValue(deviceId: Prisma.Sql, key: string): Prisma.Sql {
  return Prisma.sql`(SELECT l.value FROM device_label l WHERE l.device_id = ${deviceId} AND l.key = ${key})`;
}
