# Completion of plugreg for fish. Once:
#   plugreg completion fish > ~/.config/fish/completions/plugreg.fish

function __plugreg_complete
    set -l typed (commandline -opc)
    set -l current (commandline -ct)
    set -l word (string unescape -- $current 2>/dev/null; or string trim -l -c '"\'' -- $current)
    set -l program (string replace -r '^~/' "$HOME/" -- $typed[1])
    set -l lines (_PLUGREG_COMPLETE=fish $program $typed "$word" 2>/dev/null </dev/null)
    set -l how (string split ' ' -- $lines[1])
    switch "$how[1]"
        case files folders
            set -l before (string sub -l $how[2] -- "$word")
            set -l path (string sub -s (math $how[2] + 1) -- "$word")
            if test $how[1] = files
                __fish_complete_path "$path" | string replace -r '^' -- "$before"
            else
                __fish_complete_directories "$path" | string replace -r '^' -- "$before"
            end
        case command
            set -l rest (string escape -- $typed[(math $how[2] + 2)..-1])
            complete -C (string join ' ' -- $rest "$current")
        case '*'
            printf '%s\n' $lines[2..-1]
    end
end

complete -c plugreg -e
complete -c plugreg -k -f -a '(__plugreg_complete)'
