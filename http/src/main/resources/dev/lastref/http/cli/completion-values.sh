
# ---- Lastref's own: keys of settings behind -D, and values of options and settings. bash takes "=" for a word of its own, zsh does not.

# Adds keys that begin as typed. $1: what stands before the key in the word; $2: what is typed of the key.
function _lastref_reply_keys() {
  local before=$1 typed=$2 keys=$_lastref_keys rule key word
  case $typed in
    lastref.rules.*.*)
      rule=${typed#lastref.rules.}
      rule=${rule%%.*}
      keys=""
      for word in $(_lastref_rule_properties); do keys="$keys lastref.rules.$rule.$word"; done
      ;;
  esac
  for key in $keys; do
    if [[ $key == "$typed"* ]]; then
      case $key in
        *.) COMPREPLY+=("$before$key") ;; # a rule's name follows
        *) COMPREPLY+=("$before$key=") ;;
      esac
    fi
  done
  if [ -n "$BASH_VERSION" ]; then type compopt &>/dev/null && compopt -o nospace; fi
  [ "${#COMPREPLY[@]}" != 0 ]
}

# Adds values that begin as typed. $1: option or key; $2: what is typed of the value; $3: what stands before it in the word.
function _lastref_reply_values() {
  local named=$1 typed=$2 before=$3 words word
  words=$(_lastref_words "$named")
  case " $_lastref_lists " in
    *" $named "*)
      word=${typed##*,}
      before=$before${typed%"$word"}
      typed=$word
      ;;
  esac
  for word in $words; do
    if [[ $word == "$typed"* ]]; then COMPREPLY+=("$before$word"); fi
  done
  case " $_lastref_files " in
    *" $named "*)
      if [ -n "$BASH_VERSION" ]; then type compopt &>/dev/null && compopt -o filenames; fi
      for word in "$typed"*; do # not compgen -f, which in zsh knows of the working directory only
        if [ -d "$word" ] && [ -z "$BASH_VERSION" ]; then
          COMPREPLY+=("$before$word/") # bash adds it
        elif [ -e "$word" ]; then
          COMPREPLY+=("$before$word")
        fi
      done
      ;;
    *) [ -n "$words" ] ;;
  esac
}

# Fails where the word is neither a key nor a value that is known here.
function _lastref_reply() {
  local word=${COMP_WORDS[COMP_CWORD]} last="" last_but_one=""
  if [ "$COMP_CWORD" -gt 0 ]; then last=${COMP_WORDS[COMP_CWORD-1]}; fi
  if [ "$COMP_CWORD" -gt 1 ]; then last_but_one=${COMP_WORDS[COMP_CWORD-2]}; fi
  COMPREPLY=()
  case ${COMP_WORDS[1]} in
    serve | config | doctor) ;;
    *) if [[ $word == -D* || $last == -D* ]]; then return 1; fi ;;
  esac
  if [ "$word" = "=" ]; then
    _lastref_reply_values "${last#-D}" "" ""
  elif [ "$last" = "=" ]; then
    _lastref_reply_values "${last_but_one#-D}" "$word" ""
  elif [[ $word == -*=* || ( $last == -D && $word == *=* ) ]]; then
    last=${word%%=*}
    _lastref_reply_values "${last#-D}" "${word#*=}" "$last="
  elif [[ $word == -D* ]]; then
    _lastref_reply_keys -D "${word#-D}"
  elif [ "$last" = -D ]; then
    _lastref_reply_keys "" "$word"
  elif [[ $last == --* ]]; then
    _lastref_reply_values "$last" "$word" ""
  else
    return 1
  fi
}

# zsh knows for all words at once only whether a blank goes behind: a word has its own, unless it goes on.
function _lastref_end_words() {
  local word ended=()
  for word in "${COMPREPLY[@]}"; do
    case $word in
      *= | *. | */) ended+=("$word") ;;
      *) ended+=("$word ") ;;
    esac
  done
  COMPREPLY=("${ended[@]}")
}

function _lastref_complete() {
  _lastref_reply || _complete_lastref
  if [ -z "$BASH_VERSION" ]; then _lastref_end_words; fi
}

if [ -n "$BASH_VERSION" ]; then
  complete -F _lastref_complete -o default lastref lastref.sh lastref.bash
else
  complete -F _lastref_complete -o default -o nospace lastref lastref.sh lastref.bash
fi
