/** Editing an environment file touches the lines of one app, whatever the file looks like. */
import { expect } from 'chai';
import { diffLines } from 'diff';
import fc from 'fast-check';
import { readDocument, toData } from '../../../src/model/document.ts';
import { withApp, withBuckets, withoutApp, withoutOption } from '../../../src/model/edit-environment.ts';
import { awkwardText } from '../../support/awkward-text.ts';

const file = 'environments/dev.yaml';
const OPTIONS = { version: '1.30', s3: { enabled: true } };

function add(text: string, id = 'n8n', options: Readonly<Record<string, unknown>> = {}): string {
  return withApp({ file, text }, id, options);
}

function data(text: string): Record<string, unknown> {
  return toData(readDocument(file, text, 'environment').root) as Record<string, unknown>;
}

describe('editing an environment file', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['below the last app', 'apps:\n  hello: {}\n', 'apps:\n  hello: {}\n  n8n: {}\n'],
    ['into an empty group', 'a: 1\napps: {} # none yet\nb: 2\n', 'a: 1\napps: # none yet\n  n8n: {}\nb: 2\n'],
    ['below a name alone', 'apps:\n  # hello: {}\nb: 2\n', 'apps:\n  n8n: {}\n  # hello: {}\nb: 2\n'],
    ['where there are no apps yet', 'a: 1\n', 'a: 1\n\napps:\n  n8n: {}\n'],
    ['before the end of the document', '---\na: 1\n...\n', '---\na: 1\napps:\n  n8n: {}\n...\n'],
    ['between braces', 'apps: { hello: {} } # two\n', 'apps: { hello: {}, n8n: {} } # two\n'],
    ['into a file between braces', '{ a: 1 }\n', '{ a: 1, apps: { n8n: {} } }\n'],
    [
      'behind the comments that belong to the last app',
      'apps:\n  hello:\n    x: 1\n    # storage: 1Gi\n\n# Mail.\nmail: {}\n',
      'apps:\n  hello:\n    x: 1\n    # storage: 1Gi\n  n8n: {}\n\n# Mail.\nmail: {}\n',
    ],
    ['where the last line has no end', 'apps:\n    hello:', 'apps:\n    hello:\n    n8n: {}'],
    [
      'behind text that keeps its empty lines',
      'apps:\n  a:\n    x: |+\n      y\n\nb: 1\n',
      'apps:\n  a:\n    x: |+\n      y\n\n  n8n: {}\nb: 1\n',
    ],
    ['with the line ends of the file', 'apps:\r\n  hello: {}\r\n', 'apps:\r\n  hello: {}\r\n  n8n: {}\r\n'],
    ['behind a byte order mark', '\uFEFFapps:\n  hello: {}\n', '\uFEFFapps:\n  hello: {}\n  n8n: {}\n'],
  ];
  for (const [where, before, after] of cases) it(`adds an app ${where}`, () => expect(add(before)).to.equal(after));

  it('writes options below it, quoted where they would be taken for something else', () => {
    expect(add('a:\n    b: 1\napps: {}\n', 'n8n', OPTIONS)).to.equal(
      'a:\n    b: 1\napps:\n    n8n:\n        version: "1.30"\n        s3:\n            enabled: true\n',
    );
  });

  it('takes an app out with its own lines, and leaves an empty group behind the last one', () => {
    const text = 'apps:\n  # The site.\n  hello:\n    x: 1\n    # y: 2\n  n8n: {}\nb: 1\n';
    expect(withoutApp({ file, text }, 'hello')).to.equal('apps:\n  # The site.\n  n8n: {}\nb: 1\n');
    expect(withoutApp({ file, text: 'apps: # all\n  hello: {}\n' }, 'hello')).to.equal('apps: {} # all\n');
    expect(withoutApp({ file, text: 'apps: { a: {}, b: {}, c: {} }\n' }, 'b')).to.equal('apps: { a: {}, c: {} }\n');
    expect(withoutApp({ file, text: 'apps: { a: {}, c: {} }\n' }, 'c')).to.equal('apps: { a: {} }\n');
  });

  it('takes one option out with its own lines, and leaves an app without options as an empty group', () => {
    const out = (text: string): string => withoutOption({ file, text }, 'n8n', 'image');
    expect(
      out('apps:\n  # Ours.\n  n8n:\n    # Held back.\n    image: a/b:1\n    workers: 2 # two\n  b: {}\n'),
    ).to.equal('apps:\n  # Ours.\n  n8n:\n    # Held back.\n    workers: 2 # two\n  b: {}\n');
    expect(out('apps:\n  n8n: # flows\n    image: a/b:1 # for now\n  b: {}\n')).to.equal(
      'apps:\n  n8n: {} # flows\n  b: {}\n',
    );
    expect(out('apps: { n8n: { image: "a/b:1", workers: 2 } }\n')).to.equal('apps: { n8n: { workers: 2 } }\n');
    expect(out('apps: { n8n: { image: "a/b:1" } }\n')).to.equal('apps: { n8n: {} }\n');
  });

  const lists: readonly (readonly [string, string, string])[] = [
    [
      'below the last',
      'objectStorage:\n  buckets:\n    - a # one\nb: 1\n',
      'objectStorage:\n  buckets:\n    - a # one\n    - x\n    - y\nb: 1\n',
    ],
    ['beside their name', 'objectStorage:\n  buckets:\n  - a\n', 'objectStorage:\n  buckets:\n  - a\n  - x\n  - y\n'],
    ['between brackets', 'objectStorage: { buckets: [a] } # all\n', 'objectStorage: { buckets: [a, x, y] } # all\n'],
    ['into an empty list', 'objectStorage:\n  buckets: [] # none\n', 'objectStorage:\n  buckets: [x, y] # none\n'],
    ['behind a name alone', 'objectStorage:\n  buckets:\nb: 1\n', 'objectStorage:\n  buckets: [x, y]\nb: 1\n'],
    [
      'where there are none yet',
      'objectStorage:\n  region: ams3\nb: 1\n',
      'objectStorage:\n  region: ams3\n  buckets:\n    - x\n    - y\nb: 1\n',
    ],
    ['where there is no object storage yet', 'a: 1\n', 'a: 1\n\nobjectStorage:\n  buckets:\n    - x\n    - y\n'],
  ];
  for (const [where, before, after] of lists) {
    it(`adds buckets ${where}`, () => expect(withBuckets({ file, text: before }, ['x', 'y'])).to.equal(after));
  }

  it('refuses a list that it cannot add to, and says what to write', () => {
    const text = 'a: &a [x]\nobjectStorage: { buckets: *a }\n';
    expect(() => withBuckets({ file, text }, ['y'])).to.throw();
  });

  it('keeps what has line breaks on the line of its group', () => {
    const text = add('apps: { hello: {} }\n', 'n8n', { storage: '\n"', title: `${'long '.repeat(20)}\nline` });
    expect(text.trimEnd().split('\n')).to.have.length(1);
    expect(data(text)).to.deep.equal({
      apps: { hello: {}, n8n: { storage: '\n"', title: `${'long '.repeat(20)}\nline` } },
    });
  });

  it('refuses what it cannot add to, and says what to write', () => {
    expect(() => add('? apps\n: hello: {}\n  ? [a]\n  : {}\n')).to.throw();
  });

  it('changes no other line, and can be taken back', () => {
    fc.assert(
      fc.property(someFile, fc.constantFrom('n8n', 'on', '1st'), someOptions, (text, id, options) => {
        const edited = add(text, id, options);
        const before = data(text);
        expect(data(edited)).to.deep.equal({ ...before, apps: { ...(before['apps'] ?? {}), [id]: options } });
        const gone = diffLines(ended(text), ended(edited))
          .filter(({ removed }) => removed)
          .flatMap(({ value }) => value.trimEnd().split('\n'));
        // The line of the group itself, when it was written between braces or not at all.
        for (const line of gone) expect(line).to.match(/apps/);
        expect(gone.length).to.be.lessThan(2);

        for (const option of Object.keys(options).slice(0, 1)) {
          const { [option]: _, ...rest } = options;
          const less = withoutOption({ file, text: edited }, id, option);
          expect(data(less)).to.deep.equal({ ...data(edited), apps: { ...(before['apps'] ?? {}), [id]: rest } });
        }

        const back = withoutApp({ file, text: edited }, id);
        expect(data(back)).to.deep.equal({ ...before, apps: before['apps'] ?? {} });
        const hadApps = Object.keys(before['apps'] ?? {}).length > 0;
        if (hadApps && text.endsWith('\n')) expect(back).to.equal(text);
      }),
      { numRuns: 400 },
    );
  });
});

/** A last line that gets an end is still the same line. */
function ended(text: string): string {
  return `${text.replaceAll('\r\n', '\n').replace(/\n$/, '')}\n`;
}

const someOptions = fc.dictionary(
  fc.constantFrom('storage', 'greeting', 'replicas', 's3'),
  fc.oneof(
    awkwardText,
    fc.integer(),
    fc.boolean(),
    fc.record({ enabled: fc.boolean(), bucket: awkwardText }, { noNullPrototype: true }),
  ),
  { maxKeys: 3, noNullPrototype: true },
);

/** Files as people write them: comments and empty lines anywhere, two or four columns, braces, either line end. */
const someFile = fc
  .record({
    step: fc.constantFrom(2, 3, 4),
    lineEnd: fc.constantFrom('\n', '\r\n'),
    lastEnd: fc.boolean(),
    mark: fc.constantFrom('', '\uFEFF', '---\n', '# A file.\n\n'),
    before: fc.array(
      fc.constantFrom('platform: local', '# A note.', '', 'mail:\n>smtp: x # y', 'note: "# no comment"'),
    ),
    apps: fc.option(
      fc.record({
        shape: fc.constantFrom('block', 'flow', 'empty'),
        ids: fc.uniqueArray(fc.constantFrom('hello', 'shop', 'blog'), { maxLength: 3 }),
        bodies: fc.array(
          fc.constantFrom(
            ' {}',
            '',
            ' # why',
            '\n>>greeting: hi\n>># more',
            '\n>>text: |\n>>>a\n\n>>>b',
            ' { a: [1, 2] }',
          ),
          { minLength: 3, maxLength: 3 },
        ),
        between: fc.constantFrom('', '\n>  # a comment deeper', '\n># a comment beside', '\n'),
      }),
    ),
    after: fc.array(fc.constantFrom('dns:\n>ttl: 300', '# Last words.', '', 'tags: [a, b]')),
  })
  .map(({ step, lineEnd, lastEnd, mark, before, apps, after }) => {
    const unique = (lines: readonly string[]): string[] =>
      lines.filter((line, index) => lines.indexOf(line) === index || !line.includes(':'));
    const group = apps === null ? [] : [appsText(apps)];
    const lines = ['rootDomain: a.kube', ...unique(before), ...group, ...unique(after)].join('\n');
    const text = mark + lines.replaceAll('>', ' '.repeat(step)) + (lastEnd ? '\n' : '');
    return text.replaceAll('\n', lineEnd);
  });

function appsText({
  shape,
  ids,
  bodies,
  between,
}: {
  shape: string;
  ids: string[];
  bodies: string[];
  between: string;
}): string {
  if (ids.length === 0 || shape === 'empty') return shape === 'flow' ? 'apps: {}' : 'apps:';
  if (shape === 'flow') return `apps: { ${ids.map((id) => `${id}: {}`).join(', ')} }`;
  return `apps:${ids.map((id, index) => `\n>${id}:${bodies[index]}${between}`).join('')}`;
}
