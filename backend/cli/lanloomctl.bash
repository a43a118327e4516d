# SPDX-License-Identifier: GPL-3.0-or-later
#
# Completion of lanloomctl for bash: commands, options, project files, and, where the lab runs, the
# names of its nodes.

_lanloomctl_nodes() {
  lanloomctl status --json "$1" 2>/dev/null | sed -n 's/^ *"name" *: *"\([^"]*\)".*/\1/p'
}

_lanloomctl() {
  local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} options=
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    mapfile -t COMPREPLY < <(compgen -W 'check format plan start status apply counters link unplug plug hold held
      step drop duplicate corrupt delay release capture exec copy
      console pause resume restart stop run doctor help --help --version' -- "$word")
    return
  fi
  case $command in
    check | status | doctor) options='--json --help' ;;
    format) options='--output --in-place --check --help' ;;
    plan) options='--rename --cost --json --help' ;;
    start) options='--force --no-wait --timeout --help' ;;
    apply) options='--force --rename --no-wait --timeout --help' ;;
    link) options='--from --clear --save --json --help' ;;
    unplug | plug) options='--save --help' ;;
    hold) options='--from --filter --help' ;;
    release) options='--from --help' ;;
    held) options='--json --help' ;;
    step | drop | duplicate | corrupt) options='--from --count --id --help' ;;
    delay) options='--from --count --id --ms --help' ;;
    capture) options='--filter --seconds --max-bytes --ring-files --snaplen --help' ;;
    counters) options='--watch --json --help' ;;
    run) options='--force --watch --timeout --help' ;;
    exec | copy | console | pause | resume | restart | stop) options='--help' ;;
  esac
  if [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
  elif [[ $command == @(exec|console) ]] && ((COMP_CWORD == 3)); then
    mapfile -t COMPREPLY < <(compgen -W "$(_lanloomctl_nodes "${COMP_WORDS[2]}")" -- "$word")
  elif [[ $command == @(pause|resume|restart) ]] && ((COMP_CWORD > 2)); then
    mapfile -t COMPREPLY < <(compgen -W "$(_lanloomctl_nodes "${COMP_WORDS[2]}")" -- "$word")
  elif [[ $command == copy ]] && ((COMP_CWORD > 2)); then
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
  else
    mapfile -t COMPREPLY < <(compgen -f -X '!*.lanloom' -- "$word"; compgen -d -S / -- "$word")
    compopt -o nospace -o filenames 2>/dev/null
  fi
}

complete -F _lanloomctl lanloomctl
