import { Argument, type Command, type Option } from 'commander';
import { oneOf } from './choices.ts';

const SHELLS = ['bash', 'zsh'] as const;
type Shell = (typeof SHELLS)[number];

const ZSH_HEAD = `autoload -U +X compinit && compinit
autoload -U +X bashcompinit && bashcompinit
`;

/** Words that are looked up where they are wanted: names of a running daemon, or files. */
type Lookup = '@guests' | '@hosts' | '@files';

/** What arguments and values of these names are. */
const LOOKUPS: Readonly<Record<string, Lookup>> = {
  guest: '@guests',
  host: '@hosts',
  target: '@hosts',
  file: '@files',
  path: '@files',
  folder: '@files',
};

/** Adds `completion`, which prints what a shell completes the other commands by. */
export function addCompletion(program: Command, out: (line: string) => void): void {
  program
    .command('completion')
    .description('print what bash or zsh completes these commands by: source <(virtsnmp completion bash)')
    .addArgument(oneOf(new Argument('<shell>', 'which one'), SHELLS))
    .action((shell: Shell) => out(completionScript(program, shell)));
}

/**
 * The script for a shell: all that is known beforehand stands in it, so that a completion needs no start of the
 * program. zsh runs completions of bash, so that there is one of them to keep.
 */
export function completionScript(program: Command, shell: Shell): string {
  const commands: string[] = [];
  const values: string[] = [];
  collect(program, '', commands, values);
  return `# Completion of virtsnmp in ${shell}, printed by virtsnmp completion.
${shell === 'zsh' ? ZSH_HEAD : ''}_virtsnmp_names() {
  # Silent where no daemon answers, and where one takes long.
  timeout "\${VIRTSNMP_COMPLETION_TIMEOUT:-3}" virtsnmp "$@" 2>/dev/null
}
_virtsnmp_words() {
  case "$1" in
    @guests) _virtsnmp_names list --all --name ;;
    @hosts) _virtsnmp_names host list --name ;;
    *) printf '%s\\n' $1 ;;
  esac
}
_virtsnmp_command() {
  subs="" opts="" valued="" args=""
  case "$1" in
${commands.join('\n')}
  esac
}
_virtsnmp_value() {
  case "$1" in
${values.join('\n')}
    *) printf '' ;;
  esac
}
_virtsnmp() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" verb="" at=0 i word want="" subs opts valued args
  local IFS=$' \\t\\n'
  COMPREPLY=()
  _virtsnmp_command ""
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    if [[ " $valued " == *" $word "* ]]; then
      i=$((i + 1))
      if ((i == COMP_CWORD)); then want="$(_virtsnmp_value "$verb $word")"; [[ -n "$want" ]] || return 0; fi
    elif [[ "$word" == -* ]]; then
      :
    elif [[ " $subs " == *" $word "* ]]; then
      verb="\${verb:+$verb }$word"
      _virtsnmp_command "$verb"
    else
      at=$((at + 1))
    fi
  done
  if [[ -z "$want" ]]; then
    if [[ "$cur" == -* ]]; then
      want="$opts"
    elif [[ -n "$subs" && $at -eq 0 ]]; then
      want="$subs"
    else
      # The last argument may take many.
      for word in $args; do
        want="$word"
        ((at == 0)) && break
        at=$((at - 1))
        [[ "$word" == *+ ]] || want=""
      done
      want="\${want%+}"
      want="\${want//,/ }"
    fi
  fi
  [[ "$want" == "-" ]] && want=""
  if [[ "$want" == "@files" ]]; then
    COMPREPLY=($(compgen -f -- "$cur"))
  else
    COMPREPLY=($(compgen -W "$(_virtsnmp_words "$want")" -- "$cur"))
  fi
}
complete -o filenames -F _virtsnmp virtsnmp`;
}

/** Adds a command and those below it: what it takes, and the values of its options. */
function collect(command: Command, path: string, commands: string[], values: string[]): void {
  const options = [...command.options.filter(({ hidden }) => !hidden), ...helpOption(command)];
  const flags = options.flatMap(namesOf);
  const valued = options.filter((option) => option.required || option.optional);
  const args = command.registeredArguments.map((argument) => {
    const words = argument.argChoices?.join(',') ?? LOOKUPS[argument.name()] ?? '-';
    return argument.variadic ? `${words}+` : words;
  });
  const subs = command.commands.map((each) => each.name());
  commands.push(
    `    "${path}") subs="${subs.join(' ')}" opts="${flags.join(' ')}" valued="${valued.flatMap(namesOf).join(' ')}" args="${args.join(' ')}" ;;`,
  );
  for (const option of valued) {
    const words = option.argChoices?.join(' ') ?? LOOKUPS[valueName(option)] ?? LOOKUPS[option.name()];
    if (words === undefined) continue;
    const places = namesOf(option).map((name) => `"${path} ${name}"`);
    values.push(`    ${places.join(' | ')}) printf '%s' "${words}" ;;`);
  }
  for (const each of command.commands)
    collect(each, path === '' ? each.name() : `${path} ${each.name()}`, commands, values);
}

function helpOption(command: Command): Option[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .filter(({ long }) => long === '--help');
}

function namesOf({ short, long }: Option): string[] {
  return [short, long].filter((name) => name !== undefined && name !== null);
}

/** What an option calls its value: `file` of `--into <file>`. */
function valueName({ flags }: Option): string {
  return /[<[]([^>\].]+)/.exec(flags)?.[1] ?? '';
}
