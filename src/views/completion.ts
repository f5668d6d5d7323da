/** The completion script of each shell. Environments are completed from the files of the workspace around. */
import type { CompletionFlag, CompletionNode } from '../usecases/completion-tree.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

export function completionScript(shell: Shell, tree: readonly CompletionNode[]): string {
  return { bash, zsh, fish }[shell](tree);
}

/** Finds `environments/*.yaml` here or above, as ffops does. */
const environmentsFunction = `_ffops_environments() {
  local folder=$PWD file
  while [ "$folder" != / ] && [ ! -f "$folder/ffops.yaml" ]; do folder=$(dirname "$folder"); done
  for file in "$folder"/environments/*.yaml; do
    [ -f "$file" ] && basename "$file" .yaml
  done
}`;

function bash(tree: readonly CompletionNode[]): string {
  const cases = tree.map(({ words, next, command }) => {
    const flags = (command?.flags ?? []).flatMap(flagWords).join(' ');
    const candidates = [
      ...next.map(({ word }) => word),
      ...(command?.takesEnvironment ? ['$(_ffops_environments)'] : []),
    ].join(' ');
    return `    ${casePattern(words, command)}) next="${candidates}"; flags="${flags}" ;;`;
  });
  return `# Completion of ffops for bash. Load it with: source <(ffops autocomplete bash)
${environmentsFunction}

_ffops() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} words="" word next="" flags=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in -*) break ;; *) words="\${words:+$words }$word" ;; esac
  done
  COMPREPLY=()
  case $previous in
    -e|--env) COMPREPLY=($(compgen -W "$(_ffops_environments)" -- "$current")); return ;;
    --workspace) COMPREPLY=($(compgen -d -- "$current")); return ;;
${valueCases(tree)}
  esac
  case $words in
${cases.join('\n')}
  esac
  case $current in
    -*) COMPREPLY=($(compgen -W "$flags" -- "$current")) ;;
    *) COMPREPLY=($(compgen -W "$next" -- "$current")) ;;
  esac
}
complete -o default -F _ffops ffops
`;
}

/** A command's flags may follow its arguments. */
function casePattern(words: string, command: CompletionNode['command']): string {
  return command === undefined ? quote(words) : `${quote(words)}|${quote(`${words} `)}*`;
}

function valueCases(tree: readonly CompletionNode[]): string {
  return flagsWithOptions(tree)
    .map(
      ({ name, options }) => `    --${name}) COMPREPLY=($(compgen -W "${options.join(' ')}" -- "$current")); return ;;`,
    )
    .join('\n');
}

function zsh(tree: readonly CompletionNode[]): string {
  const described = (word: string, summary: string) => quote(summary === '' ? word : `${word}:${summary}`);
  const cases = tree.map(({ words, next, command }) => {
    const candidates = next.map(({ word, summary }) => described(word, summary)).join(' ');
    const flags = (command?.flags ?? []).map(({ name, summary }) => described(`--${name}`, summary)).join(' ');
    const environments = command?.takesEnvironment ? ' $(_ffops_environments)' : '';
    return `    ${casePattern(words, command)}) next=(${candidates}${environments}); flags=(${flags}) ;;`;
  });
  const values = flagsWithOptions(tree).map(
    ({ name, options }) => `    --${name}) compadd -- ${options.join(' ')}; return ;;`,
  );
  return `#compdef ffops
# Completion of ffops for zsh. Load it with: source <(ffops autocomplete zsh)
${environmentsFunction}

_ffops() {
  local typed="" word
  local -a next flags
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case $word in -*) break ;; *) typed="\${typed:+$typed }$word" ;; esac
  done
  case \${words[CURRENT-1]} in
    -e|--env) compadd -- $(_ffops_environments); return ;;
    --workspace) _files -/; return ;;
${values.join('\n')}
  esac
  case $typed in
${cases.join('\n')}
  esac
  if [[ $PREFIX == -* ]]; then _describe flag flags; else _describe command next; fi
}
compdef _ffops ffops
`;
}

function fish(tree: readonly CompletionNode[]): string {
  const lines = tree.flatMap(({ words, next, command }) => {
    const at = `-n ${quote(`__ffops_at ${words}`.trim())}`;
    return [
      ...next.map(({ word, summary }) => `complete -c ffops ${at} -f -a ${quote(word)} -d ${quote(summary)}`),
      ...(command?.takesEnvironment ? [`complete -c ffops ${at} -f -a '(__ffops_environments)'`] : []),
      ...(command?.flags ?? []).map((flag) => `complete -c ffops -n ${quote(`__ffops_in ${words}`)} ${fishFlag(flag)}`),
    ];
  });
  return `# Completion of ffops for fish. Load it with: ffops autocomplete fish | source
function __ffops_environments
  set -l folder $PWD
  while test "$folder" != / -a ! -f "$folder/ffops.yaml"
    set folder (dirname $folder)
  end
  for file in $folder/environments/*.yaml
    basename $file .yaml
  end
end

# The words before the cursor, up to the first flag.
function __ffops_typed
  for word in (commandline -opc)[2..-1]
    string match -q -- '-*' $word; and break
    echo $word
  end
end

function __ffops_at
  set -l typed (__ffops_typed)
  test "$typed" = "$argv"
end

# A command's flags may follow its arguments.
function __ffops_in
  set -l typed (__ffops_typed)
  string match -q -- "$argv *" "$typed "
end

${lines.join('\n')}
`;
}

function fishFlag({ name, char, summary, takesValue, options }: CompletionFlag): string {
  const value =
    name === 'env'
      ? "-x -a '(__ffops_environments)'"
      : options.length > 0
        ? `-x -a ${quote(options.join(' '))}`
        : takesValue
          ? '-r'
          : '';
  return [`-l ${name}`, char ? `-s ${char}` : '', value, `-d ${quote(summary)}`]
    .filter((part) => part !== '')
    .join(' ');
}

function flagWords({ name, char }: CompletionFlag): string[] {
  return [`--${name}`, ...(char ? [`-${char}`] : [])];
}

/** Once each: a flag of that name means the same everywhere. */
function flagsWithOptions(tree: readonly CompletionNode[]): readonly CompletionFlag[] {
  const flags = tree.flatMap(({ command }) => command?.flags ?? []).filter(({ options }) => options.length > 0);
  return [...new Map(flags.map((flag) => [flag.name, flag])).values()];
}

/** Text that all three shells take as it is. */
function quote(text: string): string {
  return `'${text.replace(/'/g, '’').replace(/\\/g, '')}'`;
}
