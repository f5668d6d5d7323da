/**
 * Lines up the equals signs of neighbouring attributes, as `tofu fmt` does. Templates bring everything else (indents,
 * one space around signs) in the right form themselves.
 */
const ATTRIBUTE = /^(\s*(?:[A-Za-z_][\w-]*|"(?:[^"\\]|\\.)*"))\s*=(?![=>])\s*(.*)$/;

interface Attribute {
  readonly name: string;
  readonly value: string;
}

export function alignAttributes(text: string): string {
  const lines = text.split('\n');
  const result: string[] = [];
  let group: Attribute[] = [];
  const flush = (): void => {
    const width = Math.max(0, ...group.map(({ name }) => name.length));
    for (const { name, value } of group) result.push(`${name.padEnd(width)} = ${value}`);
    group = [];
  };
  for (const line of lines) {
    const match = ATTRIBUTE.exec(line);
    const attribute = match === null ? undefined : { name: match[1] ?? '', value: match[2] ?? '' };
    if (attribute !== undefined && isWhole(attribute.value)) group.push(attribute);
    else {
      flush();
      result.push(attribute === undefined ? line : `${attribute.name} = ${attribute.value}`);
    }
  }
  flush();
  return result.join('\n');
}

/** False when the value goes on over the next lines: it then stands alone. */
function isWhole(value: string): boolean {
  const code = value.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  let depth = 0;
  for (const char of code) {
    if ('([{'.includes(char)) depth += 1;
    if (')]}'.includes(char)) depth -= 1;
  }
  return depth === 0;
}
