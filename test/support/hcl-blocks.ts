/** Reads blocks and attributes of formatted HCL, as far as rendered modules use it: to look at them, not to evaluate. */
export interface HclBlock {
  readonly type: string;
  readonly labels: readonly string[];
  /** Name → the text of the expression. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly blocks: readonly HclBlock[];
}

/** The blocks of a file. Throws where the text is not what it knows. */
export function readHcl(text: string): readonly HclBlock[] {
  const lines = text.split('\n').filter((line) => !/^\s*(#.*)?$/.test(line));
  const [body, rest] = readBody(lines, 0);
  if (rest !== lines.length) throw new Error(`a brace too many: ${lines[rest] ?? ''}`);
  if (Object.keys(body.attributes).length > 0) throw new Error('an attribute outside of blocks');
  return body.blocks;
}

/** Addresses of the resource blocks behind a blueprint's resources, sorted: instances of one block share it. */
export function blocksBehind(resources: readonly { readonly address: string }[]): readonly string[] {
  return [...new Set(resources.map(({ address }) => address.replace(/\[.*\]$/, '')))].sort();
}

type Body = Pick<HclBlock, 'attributes' | 'blocks'>;

function readBody(lines: readonly string[], start: number): [Body, number] {
  const attributes: Record<string, string> = {};
  const blocks: HclBlock[] = [];
  let at = start;
  while (at < lines.length && lines[at]?.trim() !== '}') {
    const line = lines[at]?.trim() ?? '';
    const block = /^([a-z_][a-z0-9_]*)((?: "[^"]*")*) \{(\})?$/.exec(line);
    const attribute = /^([a-z_][a-z0-9_]*) *= (.*)$/.exec(line);
    if (block !== null) {
      const labels = [...(block[2] ?? '').matchAll(/"([^"]*)"/g)].map((match) => match[1] ?? '');
      const [body, end]: [Body, number] =
        block[3] === undefined ? readBody(lines, at + 1) : [{ attributes: {}, blocks: [] }, at];
      if (block[3] === undefined && lines[end]?.trim() !== '}') throw new Error(`no end of ${line}`);
      blocks.push({ type: block[1] ?? '', labels, ...body });
      at = end + 1;
    } else if (attribute !== null) {
      const name = attribute[1] ?? '';
      if (name in attributes) throw new Error(`${name} twice`);
      let value = attribute[2] ?? '';
      while (depth(value) > 0) {
        at += 1;
        if (at >= lines.length) throw new Error(`no end of ${name}`);
        value += `\n${lines[at] ?? ''}`;
      }
      attributes[name] = value;
      at += 1;
    } else throw new Error(`neither a block nor an attribute: ${line}`);
  }
  return [{ attributes, blocks }, at];
}

function depth(text: string): number {
  const code = text.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  return [...code].reduce((total, char) => total + ('([{'.includes(char) ? 1 : ')]}'.includes(char) ? -1 : 0), 0);
}
