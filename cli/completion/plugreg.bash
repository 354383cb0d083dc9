# Completion of plugreg for bash. In ~/.bashrc:  eval "$(plugreg completion bash)"
# or, with bash-completion, once:
#   plugreg completion bash > ~/.local/share/bash-completion/completions/plugreg

_plugreg() {
    local program=${1/#\~\//"$HOME/"} how= place= line
    COMPREPLY=()
    while IFS= read -r line; do
        if [ -z "$how" ]; then
            how=${line% *} place=${line##* }
        else
            COMPREPLY+=("$line")
        fi
    done < <(_PLUGREG_COMPLETE=bash "$program" "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" \
        2>/dev/null </dev/null)
    case $how in
        open) compopt -o nospace 2>/dev/null ;;
        files) compopt -o default 2>/dev/null ;;
        folders) compopt -o dirnames 2>/dev/null ;;
        command)
            if declare -F _command_offset >/dev/null; then
                _command_offset $((place + 1))
            elif [ "$COMP_CWORD" -eq $((place + 1)) ]; then
                while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -c -- "$2")
            else
                compopt -o default 2>/dev/null
            fi
            ;;
    esac
}

complete -F _plugreg plugreg
