/**
 * JSON Schemas of what commands print with `--json`, from the types of what they hand to `this.answer`: the types are
 * the one place where a result is described, comments included.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

export type JsonSchema = { readonly [key: string]: unknown };

export interface ResultSchema {
  /** As in `"schema": "ffops.env.list/v1"`. */
  readonly name: string;
  readonly schema: JsonSchema;
}

/** One for each command that answers, by the command's words, and `error`. Throws where a type is no JSON. */
export function resultSchemas(root: string): readonly ResultSchema[] {
  const commands = join(root, 'src/commands');
  const files = filesBelow(commands);
  const errors = join(root, 'src/views/error.ts');
  const { config } = ts.readConfigFile(join(root, 'tsconfig.build.json'), (path) => ts.sys.readFile(path)) as {
    config: object;
  };
  const options = ts.parseJsonConfigFileContent(
    { ...config, include: [], files: [...files, errors] },
    ts.sys,
    root,
  ).options;
  const program = ts.createProgram([...files, errors], options);
  const checker = program.getTypeChecker();

  const schemas = files.flatMap((file): ResultSchema[] => {
    const source = program.getSourceFile(file)!;
    const answers = answersIn(source).map((node) => checker.getTypeAtLocation(node));
    if (answers.length === 0) return [];
    const name = file.slice(commands.length + 1, -'.ts'.length).replaceAll('/', '.');
    const writer = new SchemaWriter(checker, source);
    const results = answers.map((type) => writer.schemaOf(type, name));
    const result = results.length === 1 ? results[0]! : { anyOf: results };
    return [{ name, schema: writer.document(`ffops.${name}/v1`, answerOf(name, result)) }];
  });
  return [...schemas, errorSchema(program, checker, errors)];
}

function answerOf(name: string, result: JsonSchema): JsonSchema {
  return {
    type: 'object',
    properties: {
      schema: { const: `ffops.${name}/v1` },
      ok: { type: 'boolean', description: 'False when the exit code says that something failed.' },
      env: { type: 'string', description: 'The environment that was meant, when one was.' },
      result,
    },
    required: ['schema', 'ok', 'result'],
  };
}

function errorSchema(program: ts.Program, checker: ts.TypeChecker, file: string): ResultSchema {
  const source = program.getSourceFile(file)!;
  const document = source.statements.find(
    (one) => ts.isInterfaceDeclaration(one) && one.name.text === 'ErrorDocument',
  )!;
  const writer = new SchemaWriter(checker, source);
  return {
    name: 'error',
    schema: writer.document('ffops.error/v1', writer.schemaOf(checker.getTypeAtLocation(document), 'error', true)),
  };
}

/** The second argument of each `this.answer(context, result, …)`. */
function answersIn(source: ts.SourceFile): readonly ts.Expression[] {
  const found: ts.Expression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.getText(source) === 'this.answer' && node.arguments[1])
      found.push(node.arguments[1]);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

class SchemaWriter {
  readonly #checker: ts.TypeChecker;
  readonly #source: ts.SourceFile;
  readonly #definitions = new Map<string, JsonSchema | undefined>();

  constructor(checker: ts.TypeChecker, source: ts.SourceFile) {
    this.#checker = checker;
    this.#source = source;
  }

  document(id: string, schema: JsonSchema): JsonSchema {
    const definitions = [...this.#definitions].sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: id,
      ...schema,
      ...(definitions.length > 0 && { $defs: Object.fromEntries(definitions) }),
    };
  }

  /** `where` is for the message when the type is none that JSON has. */
  schemaOf(type: ts.Type, where: string, inline = false): JsonSchema {
    const { flags } = type;
    if (flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) return {};
    if (flags & ts.TypeFlags.Never) return { not: {} };
    if (flags & ts.TypeFlags.Null) return { type: 'null' };
    if (type.isStringLiteral() || type.isNumberLiteral()) return { const: type.value };
    if (flags & ts.TypeFlags.BooleanLiteral) return { const: this.#checker.typeToString(type) === 'true' };
    if (flags & (ts.TypeFlags.String | ts.TypeFlags.TemplateLiteral)) return { type: 'string' };
    if (flags & ts.TypeFlags.Number) return { type: 'number' };
    if (flags & ts.TypeFlags.Boolean) return { type: 'boolean' };
    const name = this.#nameOf(type);
    if (name !== undefined && !inline) return this.#reference(name, type, where);
    if (type.isUnion()) return this.#union(type, where);
    if (this.#checker.isTupleType(type)) {
      const items = this.#checker
        .getTypeArguments(type as ts.TypeReference)
        .map((item) => this.schemaOf(item, `${where}[]`));
      return { type: 'array', prefixItems: items, minItems: items.length, maxItems: items.length };
    }
    if (this.#checker.isArrayType(type)) {
      const [item] = this.#checker.getTypeArguments(type as ts.TypeReference);
      return { type: 'array', items: this.schemaOf(item!, `${where}[]`) };
    }
    if (flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) return this.#object(type, where);
    throw new Error(`${where}: ${this.#checker.typeToString(type)} is no JSON`);
  }

  /** Own types that have a name get a definition, so that they can be told apart and can hold themselves. */
  #nameOf(type: ts.Type): string | undefined {
    const symbol = type.aliasSymbol ?? (type.flags & ts.TypeFlags.Object ? type.getSymbol() : undefined);
    const declaration = symbol?.declarations?.[0];
    if (symbol === undefined || declaration === undefined || type.aliasTypeArguments !== undefined) return undefined;
    if (declaration.getSourceFile().fileName.includes('/node_modules/')) return undefined;
    return ts.isInterfaceDeclaration(declaration) ||
      ts.isTypeAliasDeclaration(declaration) ||
      ts.isClassDeclaration(declaration)
      ? symbol.name
      : undefined;
  }

  #reference(name: string, type: ts.Type, where: string): JsonSchema {
    if (name === 'Secret') return { const: '[secret]' };
    if (!this.#definitions.has(name)) {
      this.#definitions.set(name, undefined);
      this.#definitions.set(name, this.schemaOf(type, where, true));
    }
    return { $ref: `#/$defs/${name}` };
  }

  #union(type: ts.UnionType, where: string): JsonSchema {
    const members = type.types.filter((member) => !(member.flags & ts.TypeFlags.Undefined));
    if (members.every((member) => member.isStringLiteral() || member.isNumberLiteral())) {
      return { enum: members.map((member) => (member as ts.LiteralType).value) };
    }
    const booleans = members.filter((member) => member.flags & ts.TypeFlags.BooleanLiteral);
    const rest = members.filter((member) => !booleans.includes(member)).map((member) => this.schemaOf(member, where));
    const schemas =
      booleans.length === 2
        ? [{ type: 'boolean' }, ...rest]
        : [...booleans.map((member) => this.schemaOf(member, where)), ...rest];
    return schemas.length === 1 ? schemas[0]! : { anyOf: schemas };
  }

  #object(type: ts.Type, where: string): JsonSchema {
    if (
      type.getCallSignatures().length > 0 ||
      ['Map', 'Set', 'ReadonlyMap', 'ReadonlySet', 'Date'].includes(type.getSymbol()?.name ?? '')
    ) {
      throw new Error(`${where}: ${this.#checker.typeToString(type)} is no JSON`);
    }
    const properties: Record<string, JsonSchema> = {};
    const required: string[] = [];
    for (const property of type.getProperties()) {
      const inner = this.#checker.getTypeOfSymbolAtLocation(property, this.#source);
      const described = ts.displayPartsToString(property.getDocumentationComment(this.#checker)).replace(/\s+/g, ' ');
      properties[property.name] = {
        ...this.schemaOf(inner, `${where}.${property.name}`),
        ...(described !== '' && { description: described }),
      };
      if (!isOptional(property, inner)) required.push(property.name);
    }
    const index = type.getStringIndexType();
    return {
      type: 'object',
      ...(type.getProperties().length > 0 && { properties }),
      ...(required.length > 0 && { required }),
      ...(index !== undefined && { additionalProperties: this.schemaOf(index, `${where}[]`) }),
    };
  }
}

/** `undefined` leaves no trace in JSON. */
function isOptional(property: ts.Symbol, type: ts.Type): boolean {
  const holdsUndefined = type.isUnion()
    ? type.types.some((member) => member.flags & ts.TypeFlags.Undefined)
    : Boolean(type.flags & ts.TypeFlags.Undefined);
  return (
    holdsUndefined ||
    Boolean(property.flags & ts.SymbolFlags.Optional) ||
    Boolean(type.flags & (ts.TypeFlags.Unknown | ts.TypeFlags.Any))
  );
}

function filesBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => join(folder, name));
}
