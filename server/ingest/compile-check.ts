import * as z from 'zod';

/**
 * A quick look at whether `schema` takes a value as it is. True only where a parse would give back an equal value; false says nothing, and
 * is answered by a parse. Parts that it does not know it parses. Many times faster than a parse: it copies nothing, and is code that names each
 * field, made once from the schema as zod makes its own parsers.
 */
export function compileCheck<T>(schema: z.ZodType<T>): (value: unknown) => value is T {
  const source = new Source();
  const check = source.functionOf(`return ${source.checkOf(schema, 'value')};`);
  return source.made(check) as (value: unknown) => value is T;
}

/** JavaScript that is being written: its functions, each of `value`, and the objects that it uses by name. */
class Source {
  private readonly functions: string[] = [];
  private readonly objects: unknown[] = [];

  /** The function of this name, and all that it calls. */
  made(name: string): unknown {
    const names = this.objects.map((_, at) => `object${at}`);
    return new Function(...names, `${this.functions.join('\n')}\nreturn ${name};`)(...this.objects);
  }

  functionOf(body: string): string {
    const name = `check${this.functions.length}`;
    this.functions.push(`const ${name} = (value) => { ${body} };`);
    return name;
  }

  /** An expression that says whether the schema takes what is named. */
  checkOf(schema: z.core.$ZodType, name: string): string {
    return this.quickCheckOf(schema, name) ?? `${this.nameOf((value: unknown) => isUnchanged(schema, value))}(${name})`;
  }

  private nameOf(object: unknown): string {
    return `object${this.objects.push(object) - 1}`;
  }

  private quickCheckOf(schema: z.core.$ZodType, name: string): string | null {
    const base = this.baseCheckOf(schema, name);
    if (base === null) return null;
    const own =
      schema._zod.def.type === 'custom' || schema instanceof z.core.$ZodCheck
        ? [schema as unknown as z.core.$ZodCheck]
        : [];
    const rules = [...own, ...(schema._zod.def.checks ?? [])].map((check) => this.ruleOf(check, name));
    return rules.includes(null) ? null : `(${[base, ...rules].join(' && ')})`;
  }

  private baseCheckOf(schema: z.core.$ZodType, name: string): string | null {
    if (schema instanceof z.core.$ZodObject) return this.objectCheck(schema, name);
    if (schema instanceof z.core.$ZodArray) return this.arrayCheck(schema, name);
    if (schema instanceof z.core.$ZodRecord) return this.recordCheck(schema, name);
    if (schema instanceof z.core.$ZodEnum) return `${this.nameOf(schema._zod.values)}.has(${name})`;
    if (schema instanceof z.core.$ZodOptional)
      return `(${name} === undefined || ${this.checkOf(schema._zod.def.innerType, name)})`;
    if (schema instanceof z.core.$ZodNumber) return `Number.isFinite(${name})`;
    if (schema instanceof z.core.$ZodString) return `typeof ${name} === 'string'`;
    if (schema instanceof z.core.$ZodBoolean) return `typeof ${name} === 'boolean'`;
    if (schema instanceof z.core.$ZodCustom) return 'true';
    return null;
  }

  /** One that drops what it does not name takes a value that has no more fields than those. */
  private objectCheck(schema: z.core.$ZodObject, name: string): string | null {
    const { shape, catchall } = schema._zod.def;
    const isLoose = catchall instanceof z.core.$ZodUnknown;
    const fields = Object.entries(shape);
    if ((catchall && !isLoose) || fields.some(([field]) => field in Object.prototype)) return null;
    const looks = fields.map(
      ([field, inner]) =>
        `field = value[${JSON.stringify(field)}]; if (!${this.checkOf(inner, 'field')}) return false; if (field !== undefined) known += 1;`,
    );
    const end = isLoose ? 'return true;' : 'return Object.keys(value).length === known;';
    return `${this.functionOf(`if (!${isPlain('value')}) return false; let known = 0; let field; ${looks.join(' ')} ${end}`)}(${name})`;
  }

  private arrayCheck(schema: z.core.$ZodArray, name: string): string {
    const look = `if (!${this.checkOf(schema._zod.def.element, 'element')}) return false;`;
    const loop = `for (let at = 0; at < value.length; at += 1) { const element = value[at]; ${look} }`;
    return `${this.functionOf(`if (!Array.isArray(value)) return false; ${loop} return true;`)}(${name})`;
  }

  private recordCheck(schema: z.core.$ZodRecord, name: string): string | null {
    const { keyType, valueType } = schema._zod.def;
    if (!(keyType instanceof z.core.$ZodString)) return null;
    const look = `const element = value[key]; if (key === '__proto__' || !${this.checkOf(keyType, 'key')} || !${this.checkOf(valueType, 'element')}) return false;`;
    const loop = `for (const key in value) { ${look} }`;
    return `${this.functionOf(`if (!${isPlain('value')}) return false; ${loop} return true;`)}(${name})`;
  }

  /** A rule that a schema carries beside its type; null for one that is not known here. */
  private ruleOf(check: z.core.$ZodCheck<never>, name: string): string | null {
    if (check instanceof z.core.$ZodCheckNumberFormat && check._zod.def.format === 'safeint')
      return `Number.isSafeInteger(${name})`;
    if (check instanceof z.core.$ZodCheckGreaterThan) return boundRule(check, name, '>');
    if (check instanceof z.core.$ZodCheckLessThan) return boundRule(check, name, '<');
    if (check instanceof z.core.$ZodCheckMaxLength) return `${name}.length <= ${check._zod.def.maximum}`;
    if (check instanceof z.core.$ZodCheckMinLength) return `${name}.length >= ${check._zod.def.minimum}`;
    if (check instanceof z.core.$ZodCheckLengthEquals) return `${name}.length === ${check._zod.def.length}`;
    if (check instanceof z.core.$ZodCheckStringFormat) {
      const { format, pattern } = check._zod.def;
      const isWhole = (format === 'uuid' || format === 'regex') && pattern && !pattern.global && !pattern.sticky;
      return isWhole ? `${this.nameOf(pattern)}.test(${name})` : null;
    }
    if (check instanceof z.core.$ZodCustom) {
      const { fn } = check._zod.def as { fn?: (value: unknown) => unknown };
      return fn ? `${this.nameOf(fn)}(${name}) === true` : null;
    }
    return null;
  }
}

/** Whatever a schema does that is not known here, a parse that gives back the same does not do to this value. */
function isUnchanged(schema: z.core.$ZodType, value: unknown): boolean {
  const result = z.core.safeParse(schema, value);
  return result.success && JSON.stringify(result.data) === JSON.stringify(value);
}

function boundRule(
  { _zod }: z.core.$ZodCheckGreaterThan | z.core.$ZodCheckLessThan,
  name: string,
  operator: '<' | '>',
): string | null {
  const { value: bound, inclusive } = _zod.def;
  return typeof bound === 'number' ? `${name} ${operator}${inclusive ? '=' : ''} ${bound}` : null;
}

function isPlain(name: string): string {
  return `(typeof ${name} === 'object' && ${name} !== null && !Array.isArray(${name}))`;
}
