#compdef plugreg
# Completion of plugreg for zsh. In ~/.zshrc, after compinit:  eval "$(plugreg completion zsh)"
# or as a file `_plugreg` in a folder of $fpath.

_plugreg() {
    local program=${${(Q)words[1]}/#\~\//$HOME/} line how place
    local -a lines typed values shown extra
    typed=("${(@Q)words[1,CURRENT-1]}" "${(Q)PREFIX}")
    lines=("${(@f)$(_PLUGREG_COMPLETE=zsh "$program" "${typed[@]}" 2>/dev/null </dev/null)}")
    how=${lines[1]% *} place=${lines[1]##* }
    case $how in
        files | folders)
            (( place )) && compset -P '*='
            if [[ $how = files ]]; then _files; else _files -/; fi
            return
            ;;
        command)
            shift $((place + 1)) words
            (( CURRENT -= place + 1 ))
            _normal
            return
            ;;
        open) extra=(-S '') ;;
    esac
    for line in "${(@)lines[2,-1]}"; do
        values+=("${line%%$'\t'*}")
        shown+=("${line%%$'\t'*}${${line#*$'\t'}:+  -- ${line#*$'\t'}}")
    done
    if [[ "${(j::)shown}" = *'  -- '* ]]; then
        compadd -l -V plugreg "${extra[@]}" -d shown -a values
    else
        compadd -V plugreg "${extra[@]}" -a values
    fi
}

if [ "$funcstack[1]" = "_plugreg" ]; then
    _plugreg "$@"
else
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
    compdef _plugreg plugreg
fi
