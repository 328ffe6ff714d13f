# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_keyfob_global_optspecs
    string join \n h/help V/version
end

function __fish_keyfob_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_keyfob_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_keyfob_using_subcommand
    set -l cmd (__fish_keyfob_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c keyfob -n "__fish_keyfob_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyfob -n "__fish_keyfob_needs_command" -s V -l version -d 'Print version'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "env" -d 'Print the variables that lead to the agent, starting it if need be'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "agent" -d 'Run an agent'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "add" -d 'Add private keys to the agent, for this session'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "list" -d 'Show the keys the agent holds'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "remove" -d 'Make the agent forget keys; their files stay'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "lock" -d 'Lock the agent with a passphrase'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "unlock" -d 'Unlock the agent'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "test" -d 'Sign something with keys and check the signatures'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "completions" -d 'Print completions for a shell'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "man" -d 'Print the manual page, or write all of them into a folder'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c keyfob -n "__fish_keyfob_using_subcommand env" -l shell -d 'The shell that evaluates the lines [default: the one that called]' -r -f -a "sh\t'sh, bash, dash, zsh, ksh'
csh\t'csh, tcsh'
fish\t'fish'
powershell\t'PowerShell'"
complete -c keyfob -n "__fish_keyfob_using_subcommand env" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyfob -n "__fish_keyfob_using_subcommand agent" -s a -l address -d 'Listen at this path' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand agent" -s t -l lifetime -d 'Keys that come without a lifetime stay this long (30, 10m, 1h30m, 2d, 1w)' -r
complete -c keyfob -n "__fish_keyfob_using_subcommand agent" -s E -l fingerprint-hash -d 'The hash of fingerprints in questions' -r -f -a "sha256\t''
md5\t''"
complete -c keyfob -n "__fish_keyfob_using_subcommand agent" -s P -d 'Accepted for ssh-agent\'s sake: no library is ever loaded' -r
complete -c keyfob -n "__fish_keyfob_using_subcommand agent" -s O -d 'Accepted for ssh-agent\'s sake: no library is ever loaded' -r
complete -c keyfob -n "__fish_keyfob_using_subcommand agent" -l shell -d 'The shell that evaluates the lines [default: the one that called]' -r -f -a "sh\t'sh, bash, dash, zsh, ksh'
csh\t'csh, tcsh'
fish\t'fish'
powershell\t'PowerShell'"
complete -c keyfob -n "__fish_keyfob_using_subcommand agent" -s T -l temporary -d 'Listen in a fresh folder below $TMPDIR'
complete -c keyfob -n "__fish_keyfob_using_subcommand agent" -l in-home -d 'Listen in ~/.ssh/agent, where ssh-agent does'
complete -c keyfob -n "__fish_keyfob_using_subcommand agent" -s U -l no-tidy -d 'Leave stale sockets in ~/.ssh/agent alone'
complete -c keyfob -n "__fish_keyfob_using_subcommand agent" -s u -l tidy -d 'Only remove stale sockets from ~/.ssh/agent; twice: of all machines that share the home'
complete -c keyfob -n "__fish_keyfob_using_subcommand agent" -s D -l foreground -d 'Stay in the foreground'
complete -c keyfob -n "__fish_keyfob_using_subcommand agent" -s d -l debug -d 'Stay in the foreground and log everything to the standard error stream'
complete -c keyfob -n "__fish_keyfob_using_subcommand agent" -s k -l kill -d 'End the agent that SSH_AGENT_PID names'
complete -c keyfob -n "__fish_keyfob_using_subcommand agent" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyfob -n "__fish_keyfob_using_subcommand add" -s t -l lifetime -d 'Forget the key after this time (30, 10m, 1h30m, 2d, 1w)' -r
complete -c keyfob -n "__fish_keyfob_using_subcommand add" -s h -l destination -d 'Use it only for this host ([USER@]HOST), or from one host to the next (FROM>[USER@]TO); may be repeated' -r -f -a "(__fish_print_hostnames)"
complete -c keyfob -n "__fish_keyfob_using_subcommand add" -s H -l known-hosts -d 'Look host keys up in this known hosts file; may be repeated' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand add" -s c -l confirm -d 'Ask before each use'
complete -c keyfob -n "__fish_keyfob_using_subcommand add" -s C -l only-certificates -d 'Add only certificates (FILE-cert.pub)'
complete -c keyfob -n "__fish_keyfob_using_subcommand add" -s k -l only-keys -d 'Add no certificates'
complete -c keyfob -n "__fish_keyfob_using_subcommand add" -s N -l keep-expired -d 'Let a certificate stay after its end'
complete -c keyfob -n "__fish_keyfob_using_subcommand add" -s q -l quiet -d 'Say nothing when all went well'
complete -c keyfob -n "__fish_keyfob_using_subcommand add" -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand list" -s E -l fingerprint-hash -d 'The hash of fingerprints' -r -f -a "sha256\t''
md5\t''"
complete -c keyfob -n "__fish_keyfob_using_subcommand list" -l json -d 'As JSON'
complete -c keyfob -n "__fish_keyfob_using_subcommand list" -s l -l fingerprints -d 'Bits, fingerprint, comment and type, as ssh-add -l'
complete -c keyfob -n "__fish_keyfob_using_subcommand list" -s L -l public-keys -d 'The public keys, as ssh-add -L'
complete -c keyfob -n "__fish_keyfob_using_subcommand list" -s h -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand remove" -l all -d 'All of them'
complete -c keyfob -n "__fish_keyfob_using_subcommand remove" -s q -l quiet -d 'Say nothing when all went well'
complete -c keyfob -n "__fish_keyfob_using_subcommand remove" -s h -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand lock" -s h -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand unlock" -s h -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand test" -s h -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand completions" -s h -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand man" -s h -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand help; and not __fish_seen_subcommand_from env agent add list remove lock unlock test completions man help" -f -a "env" -d 'Print the variables that lead to the agent, starting it if need be'
complete -c keyfob -n "__fish_keyfob_using_subcommand help; and not __fish_seen_subcommand_from env agent add list remove lock unlock test completions man help" -f -a "agent" -d 'Run an agent'
complete -c keyfob -n "__fish_keyfob_using_subcommand help; and not __fish_seen_subcommand_from env agent add list remove lock unlock test completions man help" -f -a "add" -d 'Add private keys to the agent, for this session'
complete -c keyfob -n "__fish_keyfob_using_subcommand help; and not __fish_seen_subcommand_from env agent add list remove lock unlock test completions man help" -f -a "list" -d 'Show the keys the agent holds'
complete -c keyfob -n "__fish_keyfob_using_subcommand help; and not __fish_seen_subcommand_from env agent add list remove lock unlock test completions man help" -f -a "remove" -d 'Make the agent forget keys; their files stay'
complete -c keyfob -n "__fish_keyfob_using_subcommand help; and not __fish_seen_subcommand_from env agent add list remove lock unlock test completions man help" -f -a "lock" -d 'Lock the agent with a passphrase'
complete -c keyfob -n "__fish_keyfob_using_subcommand help; and not __fish_seen_subcommand_from env agent add list remove lock unlock test completions man help" -f -a "unlock" -d 'Unlock the agent'
complete -c keyfob -n "__fish_keyfob_using_subcommand help; and not __fish_seen_subcommand_from env agent add list remove lock unlock test completions man help" -f -a "test" -d 'Sign something with keys and check the signatures'
complete -c keyfob -n "__fish_keyfob_using_subcommand help; and not __fish_seen_subcommand_from env agent add list remove lock unlock test completions man help" -f -a "completions" -d 'Print completions for a shell'
complete -c keyfob -n "__fish_keyfob_using_subcommand help; and not __fish_seen_subcommand_from env agent add list remove lock unlock test completions man help" -f -a "man" -d 'Print the manual page, or write all of them into a folder'
complete -c keyfob -n "__fish_keyfob_using_subcommand help; and not __fish_seen_subcommand_from env agent add list remove lock unlock test completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
