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
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "list" -d 'Show the keys the agent holds, or those of the key store'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "remove" -d 'Make the agent forget keys; their files stay'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "lock" -d 'Lock the key store and all keys; without a store, the agent with a passphrase'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "unlock" -d 'Unlock the key store, or the agent'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "status" -d 'Tell how the key store and the agent are'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "watch" -d 'Show what goes on in the agent, and answer its questions with one key'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "relay" -d 'Pass on what programs say to the agent, from standard input: for WSL and containers'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "why" -d 'Tell why the agent refused something'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "log" -d 'Show who used which key for what, or prove that nothing of it was changed'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "hosts" -d 'Show which key each host took, or forget it'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "explain" -d 'Tell which keys a host would be offered, in which order, and why'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "test" -d 'Sign something with keys and check the signatures'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "generate" -d 'Make a key pair'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "inspect" -d 'Tell what is in key files, and what is wrong with them'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "convert" -d 'Write a key in another format'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "passphrase" -d 'Change, set or remove the passphrase of a private key file, or change that of the key store'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "comment" -d 'Change the comment of a key file and of the .pub file beside it'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "public" -d 'Print the public half of a key, or copy it to the clipboard'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "copy-id" -d 'Install public keys on a server, so that they open it'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "init" -d 'Make the key store, where keys outlive the session'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "import" -d 'Take keys into the key store: files, folders, what ssh is configured with'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "export" -d 'Write a key of the key store into a file'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "rename" -d 'Call a key of the key store by another name'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "delete" -d 'Delete keys from the key store'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "set" -d 'Change the rules of a key of the key store: lifetime, confirmation, hosts'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "recovery" -d 'Make a new recovery code for the key store'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "account" -d 'Let the login of your account open the key store without its passphrase, or take that back'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "rekey" -d 'Seal everything in the key store anew, so that old passphrases and codes open nothing newer'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "check" -d 'Prove every file of the key store, and tell what is not as it should be'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "backup" -d 'Write the whole key store into one file, sealed as it is'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "restore" -d 'Put a backup in the place of the key store; what is there is kept beside it'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "doctor" -d 'Look for what keeps ssh from the agent, and for keys that are not safe'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "config" -d 'Tell of the settings file: where it is, whether it is right, what it comes to'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "setup" -d 'Set everything up, step by step: keys, key store, start at login, a login to test it'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "install" -d 'Make the agent start at login, and every program find it'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "uninstall" -d 'Take away what install put there; keys and settings stay'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "completions" -d 'Print completions for a shell'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "help" -d 'Print help on a topic or a command; without one, which topics there are'
complete -c keyfob -n "__fish_keyfob_needs_command" -f -a "man" -d 'Print the manual page, or write all of them into a folder'
complete -c keyfob -n "__fish_keyfob_using_subcommand env" -l shell -d 'The shell that evaluates the lines [default: the one that called]' -r -f -a "sh\t'sh, bash, dash, zsh, ksh'
csh\t'csh, tcsh'
fish\t'fish'
powershell\t'PowerShell'
nushell\t'Nushell: it evaluates no lines, but takes over variables from what it reads, which is TOML here'
cmd\t'cmd.exe'"
complete -c keyfob -n "__fish_keyfob_using_subcommand env" -l profile -d 'The socket of this profile of the settings, which shows its keys only' -r
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
powershell\t'PowerShell'
nushell\t'Nushell: it evaluates no lines, but takes over variables from what it reads, which is TOML here'
cmd\t'cmd.exe'"
complete -c keyfob -n "__fish_keyfob_using_subcommand agent" -s T -l temporary -d 'Listen in a fresh folder below $TMPDIR'
complete -c keyfob -n "__fish_keyfob_using_subcommand agent" -l in-home -d 'Listen in ~/.ssh/agent, where ssh-agent does'
complete -c keyfob -n "__fish_keyfob_using_subcommand agent" -s U -l no-tidy -d 'Leave stale sockets in ~/.ssh/agent alone'
complete -c keyfob -n "__fish_keyfob_using_subcommand agent" -s u -l tidy -d 'Only remove stale sockets from ~/.ssh/agent; twice: of all machines that share the home'
complete -c keyfob -n "__fish_keyfob_using_subcommand agent" -s D -l foreground -d 'Stay in the foreground'
complete -c keyfob -n "__fish_keyfob_using_subcommand agent" -s d -l debug -d 'Stay in the foreground and log everything to the standard error stream'
complete -c keyfob -n "__fish_keyfob_using_subcommand agent" -s k -l kill -d 'End the agent that SSH_AGENT_PID names'
complete -c keyfob -n "__fish_keyfob_using_subcommand agent" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyfob -n "__fish_keyfob_using_subcommand add" -s t -l lifetime -d 'Forget the key after this time (30, 10m, 1h30m, 2d, 1w)' -r
complete -c keyfob -n "__fish_keyfob_using_subcommand add" -l idle -d 'Forget the key when it was not used for so long' -r
complete -c keyfob -n "__fish_keyfob_using_subcommand add" -s h -l destination -d 'Use it only for this host ([USER@]HOST), or from one host to the next (FROM>[USER@]TO); may be repeated' -r -f -a "(__fish_print_hostnames)"
complete -c keyfob -n "__fish_keyfob_using_subcommand add" -s H -l known-hosts -d 'Look host keys up in this known hosts file; may be repeated' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand add" -l name -d 'With --save or --link: what the key is called there [default: as its file]' -r
complete -c keyfob -n "__fish_keyfob_using_subcommand add" -l passphrase-file -d 'The passphrase is the first line of this file (- for a line of standard input)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand add" -l store-passphrase-file -d 'The passphrase of the key store is the first line of this file (- for a line of standard input)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand add" -s c -l confirm -d 'Ask before each use'
complete -c keyfob -n "__fish_keyfob_using_subcommand add" -s C -l only-certificates -d 'Add only certificates (FILE-cert.pub)'
complete -c keyfob -n "__fish_keyfob_using_subcommand add" -s k -l only-keys -d 'Add no certificates'
complete -c keyfob -n "__fish_keyfob_using_subcommand add" -s N -l keep-expired -d 'Let a certificate stay after its end'
complete -c keyfob -n "__fish_keyfob_using_subcommand add" -s q -l quiet -d 'Say nothing when all went well'
complete -c keyfob -n "__fish_keyfob_using_subcommand add" -l save -d 'Keep the keys in the key store, beyond this session'
complete -c keyfob -n "__fish_keyfob_using_subcommand add" -l link -d 'Keep in the key store where the files are, and their passphrases, beyond this session'
complete -c keyfob -n "__fish_keyfob_using_subcommand add" -l allow-slow -d 'Open a file even if that takes minutes'
complete -c keyfob -n "__fish_keyfob_using_subcommand add" -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand list" -s E -l fingerprint-hash -d 'The hash of fingerprints' -r -f -a "sha256\t''
md5\t''"
complete -c keyfob -n "__fish_keyfob_using_subcommand list" -l store-passphrase-file -d 'The passphrase of the key store is the first line of this file (- for a line of standard input)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand list" -l json -d 'As JSON'
complete -c keyfob -n "__fish_keyfob_using_subcommand list" -s l -l fingerprints -d 'Bits, fingerprint, comment and type, as ssh-add -l'
complete -c keyfob -n "__fish_keyfob_using_subcommand list" -s L -l public-keys -d 'The public keys, as ssh-add -L'
complete -c keyfob -n "__fish_keyfob_using_subcommand list" -l store -d 'Those of the key store, which is not unlocked: whether they are genuine is not known then'
complete -c keyfob -n "__fish_keyfob_using_subcommand list" -l unlock -d 'With --store: unlock it, check every key, and show the rules too'
complete -c keyfob -n "__fish_keyfob_using_subcommand list" -s h -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand remove" -l all -d 'All of them'
complete -c keyfob -n "__fish_keyfob_using_subcommand remove" -s q -l quiet -d 'Say nothing when all went well'
complete -c keyfob -n "__fish_keyfob_using_subcommand remove" -s h -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand lock" -l store-passphrase-file -d 'The passphrase of the key store, or without one that of the lock, is the first line of this file (- for a line of standard input)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand lock" -s h -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand unlock" -l store-passphrase-file -d 'The passphrase of the key store, or without one that of the lock, is the first line of this file (- for a line of standard input)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand unlock" -s h -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand status" -l security -d 'What protects the process that holds the keys'
complete -c keyfob -n "__fish_keyfob_using_subcommand status" -l json -d 'As JSON'
complete -c keyfob -n "__fish_keyfob_using_subcommand status" -s h -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand watch" -s h -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand relay" -s h -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand why" -s n -l last -d 'The last N of them, 0 for all' -r
complete -c keyfob -n "__fish_keyfob_using_subcommand why" -l json -d 'As JSON'
complete -c keyfob -n "__fish_keyfob_using_subcommand why" -s h -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand log" -s k -l key -d 'Only this key: its fingerprint or the beginning of it, its comment, or a part or pattern (*, ?) of that' -r
complete -c keyfob -n "__fish_keyfob_using_subcommand log" -s H -l host -d 'Only this host: one of its names or a pattern (*, ?) of them, or the fingerprint of its key' -r
complete -c keyfob -n "__fish_keyfob_using_subcommand log" -s p -l program -d 'Only what this program asked for, itself or through others: its name or its path' -r
complete -c keyfob -n "__fish_keyfob_using_subcommand log" -l since -d 'Nothing before: a length of time ago (2h), or a date with or without a time (2026-11-26T15:00)' -r
complete -c keyfob -n "__fish_keyfob_using_subcommand log" -l until -d 'Nothing after' -r
complete -c keyfob -n "__fish_keyfob_using_subcommand log" -s n -l last -d 'The last N of them, 0 for all [default: 50, with --json all]' -r
complete -c keyfob -n "__fish_keyfob_using_subcommand log" -l store-passphrase-file -d 'The passphrase of the key store is the first line of this file (- for a line of standard input)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand log" -l json -d 'As JSON: the lines as they are written, one for each event; with verify one document'
complete -c keyfob -n "__fish_keyfob_using_subcommand log" -s f -l follow -d 'Go on with what is written from now on'
complete -c keyfob -n "__fish_keyfob_using_subcommand log" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyfob -n "__fish_keyfob_using_subcommand hosts" -s H -l known-hosts -d 'Look names up in this known hosts file; may be repeated' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand hosts" -l json -d 'As JSON'
complete -c keyfob -n "__fish_keyfob_using_subcommand hosts" -l all -d 'With forget: all of them'
complete -c keyfob -n "__fish_keyfob_using_subcommand hosts" -s y -l yes -d 'With --all: ask nothing before it begins'
complete -c keyfob -n "__fish_keyfob_using_subcommand hosts" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyfob -n "__fish_keyfob_using_subcommand explain" -s H -l known-hosts -d 'Look the host key up in this known hosts file; may be repeated' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand explain" -l json -d 'As JSON'
complete -c keyfob -n "__fish_keyfob_using_subcommand explain" -s h -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand test" -s h -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand generate" -s t -l type -d 'ed25519 [default], rsa, ecdsa or mldsa44-ed25519' -r -f -a "ed25519\t''
rsa\t''
ecdsa\t''
mldsa44-ed25519\t''"
complete -c keyfob -n "__fish_keyfob_using_subcommand generate" -s b -l bits -d 'Bits: rsa 2048 to 16384 [default: 3072], ecdsa 256, 384 or 521 [default: 256]' -r
complete -c keyfob -n "__fish_keyfob_using_subcommand generate" -l for -d 'What a place needs that is picky about keys; list shows them' -r -f -a "list\t''
aws-ec2\t''
azure\t''
cisco-csr1000v\t''
enscale\t''
github\t''
gitlab\t''
openstack\t''
vk-cloud\t''
yandex-cloud\t''"
complete -c keyfob -n "__fish_keyfob_using_subcommand generate" -s f -l file -d 'Save it here instead; missing folders are made' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand generate" -s C -l comment -d 'A comment to know it by [default: user@host]' -r
complete -c keyfob -n "__fish_keyfob_using_subcommand generate" -l passphrase-file -d 'Take the passphrase from the first line of this file, - for standard input' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand generate" -l format -d 'The form of the private half: openssh [default], pem, pkcs8, ppk (PuTTY) or ppk2 (PuTTY before 0.75); passphrases of pem and ppk2 are quick to guess' -r -f -a "openssh\t''
pem\t''
pkcs8\t''
ppk\t''
ppk2\t''"
complete -c keyfob -n "__fish_keyfob_using_subcommand generate" -s a -l rounds -d 'Rounds that make guessing the passphrase slow, 6 ms each [default: 24]' -r
complete -c keyfob -n "__fish_keyfob_using_subcommand generate" -s Z -l cipher -d 'The cipher of the private half, as ssh -Q cipher lists them [default: aes256-ctr]' -r -f -a "3des-cbc\t''
aes128-cbc\t''
aes192-cbc\t''
aes256-cbc\t''
aes128-ctr\t''
aes192-ctr\t''
aes256-ctr\t''
aes128-gcm@openssh.com\t''
aes256-gcm@openssh.com\t''
chacha20-poly1305@openssh.com\t''"
complete -c keyfob -n "__fish_keyfob_using_subcommand generate" -l lifetime -d 'With --add: the agent forgets it after this time (30, 10m, 1h30m, 2d, 1w); with --save: so does an unlocked store' -r
complete -c keyfob -n "__fish_keyfob_using_subcommand generate" -l store-passphrase-file -d 'The passphrase of the key store is the first line of this file (- for a line of standard input)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand generate" -l no-passphrase -d 'Do not encrypt the private half'
complete -c keyfob -n "__fish_keyfob_using_subcommand generate" -l rfc4716 -d 'Write the public half in the form of RFC 4716 too (NAME.pub.rfc4716)'
complete -c keyfob -n "__fish_keyfob_using_subcommand generate" -l add -d 'Add it to the agent as well'
complete -c keyfob -n "__fish_keyfob_using_subcommand generate" -l save -d 'Make it in the key store, under this name: its private half never is a file'
complete -c keyfob -n "__fish_keyfob_using_subcommand generate" -l confirm -d 'With --add or --save: the agent asks before each use'
complete -c keyfob -n "__fish_keyfob_using_subcommand generate" -l force -d 'Replace files of this name without a question'
complete -c keyfob -n "__fish_keyfob_using_subcommand generate" -l weak -d 'Make an RSA key of 1024 to 2047 bits'
complete -c keyfob -n "__fish_keyfob_using_subcommand generate" -l json -d 'Tell the result as JSON'
complete -c keyfob -n "__fish_keyfob_using_subcommand generate" -s q -l quiet -d 'Say nothing when all went well'
complete -c keyfob -n "__fish_keyfob_using_subcommand generate" -s h -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand inspect" -s E -l fingerprint-hash -d 'The hash of fingerprints [default: both]' -r -f -a "sha256\t''
md5\t''"
complete -c keyfob -n "__fish_keyfob_using_subcommand inspect" -l json -d 'As JSON'
complete -c keyfob -n "__fish_keyfob_using_subcommand inspect" -l strict -d 'Fail if there is a warning'
complete -c keyfob -n "__fish_keyfob_using_subcommand inspect" -s h -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand convert" -l to -d 'The format to write; pem and pkcs8 mean the public form for a public key' -r -f -a "openssh\t'OpenSSH\'s own'
pem\t'Traditional PEM (BEGIN RSA PRIVATE KEY)'
pkcs8\t'PKCS#8 (BEGIN PRIVATE KEY); SPKI for public keys'
ppk\t'PuTTY\'s'
ppk2\t'PuTTY\'s before 0.75'
line\t'A public key in one line'
rfc4716\t'A public key as in RFC 4716 (BEGIN SSH2 PUBLIC KEY)'"
complete -c keyfob -n "__fish_keyfob_using_subcommand convert" -s o -l output -d 'Write here (- for standard output); public keys go to standard output by default' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand convert" -l new-passphrase-file -d 'The new passphrase is the first line of this file (- for a line of standard input)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand convert" -l passphrase-file -d 'The passphrase is the first line of this file (- for a line of standard input)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand convert" -s Z -l cipher -d 'The cipher of an OpenSSH file' -r -f -a "3des-cbc\t''
aes128-cbc\t''
aes192-cbc\t''
aes256-cbc\t''
aes128-ctr\t''
aes192-ctr\t''
aes256-ctr\t''
aes128-gcm@openssh.com\t''
aes256-gcm@openssh.com\t''
chacha20-poly1305@openssh.com\t''"
complete -c keyfob -n "__fish_keyfob_using_subcommand convert" -s a -l rounds -d 'Rounds of an OpenSSH file\'s key derivation: more make guessing slower, and opening too' -r
complete -c keyfob -n "__fish_keyfob_using_subcommand convert" -s f -l force -d 'Replace a file that is there, without a question'
complete -c keyfob -n "__fish_keyfob_using_subcommand convert" -s n -l no-clobber -d 'Never replace a file, and do not ask'
complete -c keyfob -n "__fish_keyfob_using_subcommand convert" -l new-passphrase -d 'Ask for a new passphrase instead of keeping the one there is'
complete -c keyfob -n "__fish_keyfob_using_subcommand convert" -l no-passphrase -d 'Leave the passphrase out: whoever can read the file can use the key'
complete -c keyfob -n "__fish_keyfob_using_subcommand convert" -l allow-slow -d 'Open a file even if that takes minutes'
complete -c keyfob -n "__fish_keyfob_using_subcommand convert" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyfob -n "__fish_keyfob_using_subcommand passphrase" -l new-passphrase-file -d 'The new passphrase is the first line of this file (- for a line of standard input)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand passphrase" -l recovery-code-file -d 'The same, and the code is the first line of this file (- for a line of standard input)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand passphrase" -l passphrase-file -d 'The passphrase is the first line of this file (- for a line of standard input)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand passphrase" -s Z -l cipher -d 'The cipher of an OpenSSH file' -r -f -a "3des-cbc\t''
aes128-cbc\t''
aes192-cbc\t''
aes256-cbc\t''
aes128-ctr\t''
aes192-ctr\t''
aes256-ctr\t''
aes128-gcm@openssh.com\t''
aes256-gcm@openssh.com\t''
chacha20-poly1305@openssh.com\t''"
complete -c keyfob -n "__fish_keyfob_using_subcommand passphrase" -s a -l rounds -d 'Rounds of an OpenSSH file\'s key derivation: more make guessing slower, and opening too' -r
complete -c keyfob -n "__fish_keyfob_using_subcommand passphrase" -l store-passphrase-file -d 'The passphrase of the key store is the first line of this file (- for a line of standard input)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand passphrase" -l memory -d 'Memory a guess at the key store\'s passphrase takes, 64M to 1G [default: what takes this machine half a second to a second]' -r
complete -c keyfob -n "__fish_keyfob_using_subcommand passphrase" -l remove -d 'Have no passphrase'
complete -c keyfob -n "__fish_keyfob_using_subcommand passphrase" -l store -d 'That of the key store'
complete -c keyfob -n "__fish_keyfob_using_subcommand passphrase" -l recovery-code -d 'Open the key store with its recovery code instead of its passphrase'
complete -c keyfob -n "__fish_keyfob_using_subcommand passphrase" -l allow-slow -d 'Open a file even if that takes minutes'
complete -c keyfob -n "__fish_keyfob_using_subcommand passphrase" -s h -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand comment" -l passphrase-file -d 'The passphrase is the first line of this file (- for a line of standard input)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand comment" -l allow-slow -d 'Open a file even if that takes minutes'
complete -c keyfob -n "__fish_keyfob_using_subcommand comment" -s h -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand public" -l passphrase-file -d 'The passphrase is the first line of this file (- for a line of standard input)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand public" -l rfc4716 -d 'In the form of RFC 4716 (BEGIN SSH2 PUBLIC KEY)'
complete -c keyfob -n "__fish_keyfob_using_subcommand public" -l pem -d 'As PEM (BEGIN RSA PUBLIC KEY)'
complete -c keyfob -n "__fish_keyfob_using_subcommand public" -l pkcs8 -d 'As SubjectPublicKeyInfo (BEGIN PUBLIC KEY)'
complete -c keyfob -n "__fish_keyfob_using_subcommand public" -l copy -d 'Copy it to the clipboard instead of printing it'
complete -c keyfob -n "__fish_keyfob_using_subcommand public" -l allow-slow -d 'Open a file even if that takes minutes'
complete -c keyfob -n "__fish_keyfob_using_subcommand public" -s h -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand copy-id" -s i -l identity -d 'Install the key of this file, private or public; may be repeated [default: the agent\'s keys, else the newest of the usual files in ~/.ssh]' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand copy-id" -s p -l port -d 'The port of the SSH server' -r
complete -c keyfob -n "__fish_keyfob_using_subcommand copy-id" -s o -l option -d 'An option for ssh, as in its configuration; may be repeated' -r
complete -c keyfob -n "__fish_keyfob_using_subcommand copy-id" -s n -l dry-run -d 'Only show what would be installed'
complete -c keyfob -n "__fish_keyfob_using_subcommand copy-id" -s h -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand init" -l store-passphrase-file -d 'The passphrase of the key store is the first line of this file (- for a line of standard input)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand init" -l memory -d 'Memory a guess at the passphrase takes, 64M to 1G [default: what takes this machine half a second to a second]' -r
complete -c keyfob -n "__fish_keyfob_using_subcommand init" -l recovery-file -d 'Write the recovery code into this new file, for you alone, instead of showing it (- for standard output)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand init" -l json -d 'Tell the result as JSON'
complete -c keyfob -n "__fish_keyfob_using_subcommand init" -s h -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand import" -l from -d 'Find the keys there instead: what ~/.ssh/config names and ~/.ssh holds; of the others it says what can be done' -r -f -a "ssh-agent-config\t'The private keys that ~/.ssh/config names, and those in ~/.ssh'
gpg-agent\t'GnuPG\'s agent'
keepassxc\t'KeePassXC'"
complete -c keyfob -n "__fish_keyfob_using_subcommand import" -l store-passphrase-file -d 'The passphrase of the key store is the first line of this file (- for a line of standard input)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand import" -l passphrase-file -d 'The passphrase is the first line of this file (- for a line of standard input)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand import" -s y -l yes -d 'Ask nothing before it begins'
complete -c keyfob -n "__fish_keyfob_using_subcommand import" -l json -d 'Tell the result as JSON'
complete -c keyfob -n "__fish_keyfob_using_subcommand import" -l allow-slow -d 'Open a file even if that takes minutes'
complete -c keyfob -n "__fish_keyfob_using_subcommand import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyfob -n "__fish_keyfob_using_subcommand export" -l format -d 'The format of the file' -r -f -a "openssh\t'OpenSSH\'s own'
pem\t'Traditional PEM (BEGIN RSA PRIVATE KEY)'
pkcs8\t'PKCS#8 (BEGIN PRIVATE KEY)'
ppk\t'PuTTY\'s'
ppk2\t'PuTTY\'s before 0.75'"
complete -c keyfob -n "__fish_keyfob_using_subcommand export" -s o -l output -d 'Write here (- for standard output)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand export" -l new-passphrase-file -d 'The passphrase of the new file is the first line of this file (- for a line of standard input)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand export" -l store-passphrase-file -d 'The passphrase of the key store is the first line of this file (- for a line of standard input)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand export" -s f -l force -d 'Replace a file that is there, without a question'
complete -c keyfob -n "__fish_keyfob_using_subcommand export" -l no-passphrase -d 'Leave a passphrase out: whoever can read the file can use the key'
complete -c keyfob -n "__fish_keyfob_using_subcommand export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyfob -n "__fish_keyfob_using_subcommand rename" -l store-passphrase-file -d 'The passphrase of the key store is the first line of this file (- for a line of standard input)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand rename" -s h -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand delete" -l store-passphrase-file -d 'The passphrase of the key store is the first line of this file (- for a line of standard input)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand delete" -s y -l yes -d 'Ask nothing before it begins'
complete -c keyfob -n "__fish_keyfob_using_subcommand delete" -s h -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand set" -s t -l lifetime -d 'Ask for the passphrase of the store again when it was open so long (30, 10m, 1h30m, 2d, 1w), or none' -r
complete -c keyfob -n "__fish_keyfob_using_subcommand set" -l idle -d 'Ask for it again when the key was not used for so long, or none' -r
complete -c keyfob -n "__fish_keyfob_using_subcommand set" -l host -d 'Use it only for this host ([USER@]HOST), or from one host to the next (FROM>[USER@]TO); may be repeated, and replaces all there were; or any' -r -f -a "(__fish_print_hostnames)"
complete -c keyfob -n "__fish_keyfob_using_subcommand set" -s H -l known-hosts -d 'Look host keys up in this known hosts file; may be repeated' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand set" -s C -l comment -d 'The comment; \'\' for none' -r
complete -c keyfob -n "__fish_keyfob_using_subcommand set" -l certificate -d 'The certificate in this file, or none' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand set" -l store-passphrase-file -d 'The passphrase of the key store is the first line of this file (- for a line of standard input)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand set" -s c -l confirm -d 'Ask before each use'
complete -c keyfob -n "__fish_keyfob_using_subcommand set" -l no-confirm -d 'Do not ask before each use'
complete -c keyfob -n "__fish_keyfob_using_subcommand set" -s h -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand recovery" -l recovery-file -d 'Write the recovery code into this new file, for you alone, instead of showing it (- for standard output)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand recovery" -l store-passphrase-file -d 'The passphrase of the key store is the first line of this file (- for a line of standard input)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand recovery" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyfob -n "__fish_keyfob_using_subcommand account" -l store-passphrase-file -d 'The passphrase of the key store is the first line of this file (- for a line of standard input)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand account" -s y -l yes -d 'Ask nothing before it is done'
complete -c keyfob -n "__fish_keyfob_using_subcommand account" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyfob -n "__fish_keyfob_using_subcommand rekey" -l new-passphrase-file -d 'The new passphrase is the first line of this file (- for a line of standard input)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand rekey" -l memory -d 'Memory a guess at the key store\'s passphrase takes, 64M to 1G [default: what takes this machine half a second to a second]' -r
complete -c keyfob -n "__fish_keyfob_using_subcommand rekey" -l recovery-file -d 'Write the recovery code into this new file, for you alone, instead of showing it (- for standard output)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand rekey" -l store-passphrase-file -d 'The passphrase of the key store is the first line of this file (- for a line of standard input)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand rekey" -l recovery-code-file -d 'The same, and the code is the first line of this file (- for a line of standard input)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand rekey" -l keep-passphrase -d 'Keep the passphrase; a new one is asked for otherwise'
complete -c keyfob -n "__fish_keyfob_using_subcommand rekey" -s y -l yes -d 'Ask nothing before it begins'
complete -c keyfob -n "__fish_keyfob_using_subcommand rekey" -l recovery-code -d 'Open the key store with its recovery code instead of its passphrase'
complete -c keyfob -n "__fish_keyfob_using_subcommand rekey" -s h -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand check" -l store-passphrase-file -d 'The passphrase of the key store is the first line of this file (- for a line of standard input)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand check" -l recovery-code-file -d 'The same, and the code is the first line of this file (- for a line of standard input)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand check" -l accept -d 'Take the store as it is, though this machine has seen a newer one or another root key'
complete -c keyfob -n "__fish_keyfob_using_subcommand check" -l repair -d 'Mend what can be mended; says what it will do, and asks'
complete -c keyfob -n "__fish_keyfob_using_subcommand check" -s y -l yes -d 'With --accept or --repair: ask nothing before it begins; what --repair asks for one by one is left and named'
complete -c keyfob -n "__fish_keyfob_using_subcommand check" -l risky -d 'With --repair --yes: do that too: give missing keys up, take older versions back, keep ways to unlock that are not in the list'
complete -c keyfob -n "__fish_keyfob_using_subcommand check" -l json -d 'Tell the result as JSON'
complete -c keyfob -n "__fish_keyfob_using_subcommand check" -l recovery-code -d 'Open the key store with its recovery code instead of its passphrase'
complete -c keyfob -n "__fish_keyfob_using_subcommand check" -s h -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand backup" -s f -l force -d 'Replace a file that is there, without a question'
complete -c keyfob -n "__fish_keyfob_using_subcommand backup" -s h -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand restore" -l store-passphrase-file -d 'The passphrase of the key store is the first line of this file (- for a line of standard input)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand restore" -l recovery-code-file -d 'The same, and the code is the first line of this file (- for a line of standard input)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand restore" -s y -l yes -d 'Ask nothing before it begins'
complete -c keyfob -n "__fish_keyfob_using_subcommand restore" -l recovery-code -d 'Open the key store with its recovery code instead of its passphrase'
complete -c keyfob -n "__fish_keyfob_using_subcommand restore" -s h -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand doctor" -l host -d 'Ask ssh what holds for this host, [USER@]HOST[:PORT]' -r -f -a "(__fish_print_hostnames)"
complete -c keyfob -n "__fish_keyfob_using_subcommand doctor" -l all -d 'Show what is fine too'
complete -c keyfob -n "__fish_keyfob_using_subcommand doctor" -l json -d 'As JSON: a list of everything that was looked at'
complete -c keyfob -n "__fish_keyfob_using_subcommand doctor" -l strict -d 'Let a warning count as something wrong'
complete -c keyfob -n "__fish_keyfob_using_subcommand doctor" -s h -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand config; and not __fish_seen_subcommand_from check show path" -s h -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand config; and not __fish_seen_subcommand_from check show path" -f -a "check" -d 'Tell whether the settings file is right, and if not where'
complete -c keyfob -n "__fish_keyfob_using_subcommand config; and not __fish_seen_subcommand_from check show path" -f -a "show" -d 'Print every setting with the value that counts'
complete -c keyfob -n "__fish_keyfob_using_subcommand config; and not __fish_seen_subcommand_from check show path" -f -a "path" -d 'Print where the settings file is'
complete -c keyfob -n "__fish_keyfob_using_subcommand config; and __fish_seen_subcommand_from check" -l json -d 'As JSON'
complete -c keyfob -n "__fish_keyfob_using_subcommand config; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand config; and __fish_seen_subcommand_from show" -l json -d 'As JSON'
complete -c keyfob -n "__fish_keyfob_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand config; and __fish_seen_subcommand_from path" -s h -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand setup" -l store-passphrase-file -d 'The passphrase of the key store is the first line of this file (- for a line of standard input)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand setup" -l memory -d 'Memory a guess at the passphrase of a new store takes, 64M to 1G [default: what suits this machine]' -r
complete -c keyfob -n "__fish_keyfob_using_subcommand setup" -l recovery-file -d 'Write the recovery code into this new file, for you alone, instead of showing it (- for standard output)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand setup" -l passphrase-file -d 'The passphrase is the first line of this file (- for a line of standard input)' -r -F
complete -c keyfob -n "__fish_keyfob_using_subcommand setup" -l shell -d 'The same, and add the line to the start file of a shell in any case [default: the login shell]' -r -f -a "bash\t'~/.bashrc'
zsh\t'~/.zshrc, or in $ZDOTDIR'
sh\t'~/.profile'
ksh\t'~/.profile'
csh\t'~/.cshrc'
tcsh\t'~/.tcshrc if it is there, else ~/.cshrc'
fish\t'~/.config/fish/config.fish'
powershell\t'~/.config/powershell/profile.ps1'"
complete -c keyfob -n "__fish_keyfob_using_subcommand setup" -l test -d 'Log in there (ssh -T), to see that it works' -r -f -a "(__fish_print_hostnames)"
complete -c keyfob -n "__fish_keyfob_using_subcommand setup" -s n -l dry-run -d 'Only show what would be done'
complete -c keyfob -n "__fish_keyfob_using_subcommand setup" -s y -l yes -d 'Ask nothing but passphrases: make the key store, import keys or make one, install'
complete -c keyfob -n "__fish_keyfob_using_subcommand setup" -l json -d 'Tell what was done as JSON'
complete -c keyfob -n "__fish_keyfob_using_subcommand setup" -l store -d 'Make the key store, if there is none'
complete -c keyfob -n "__fish_keyfob_using_subcommand setup" -l no-store -d 'Do without a key store'
complete -c keyfob -n "__fish_keyfob_using_subcommand setup" -l import -d 'Take the keys that are found into the store'
complete -c keyfob -n "__fish_keyfob_using_subcommand setup" -l link -d 'Leave them in their files, and have the store remember where, and the passphrases'
complete -c keyfob -n "__fish_keyfob_using_subcommand setup" -l generate -d 'Make a key (ed25519) where none is found'
complete -c keyfob -n "__fish_keyfob_using_subcommand setup" -l no-keys -d 'Take no key in, and make none'
complete -c keyfob -n "__fish_keyfob_using_subcommand setup" -l allow-slow -d 'Open a file even if that takes minutes'
complete -c keyfob -n "__fish_keyfob_using_subcommand setup" -l install -d 'Make the agent start by itself, as keyfob install does; without systemd by the shell\'s start file'
complete -c keyfob -n "__fish_keyfob_using_subcommand setup" -l no-install -d 'Do not'
complete -c keyfob -n "__fish_keyfob_using_subcommand setup" -l no-test -d 'Do not ask for such a host'
complete -c keyfob -n "__fish_keyfob_using_subcommand setup" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyfob -n "__fish_keyfob_using_subcommand install" -l drop-in -d 'Also link ssh-agent, ssh-add and ssh-keygen to keyfob, in this folder' -r -f -a "(__fish_complete_directories)"
complete -c keyfob -n "__fish_keyfob_using_subcommand install" -l shell -d 'Also add the line with `keyfob env` to the start file of a shell [default: the login shell]' -r -f -a "bash\t'~/.bashrc'
zsh\t'~/.zshrc, or in $ZDOTDIR'
sh\t'~/.profile'
ksh\t'~/.profile'
csh\t'~/.cshrc'
tcsh\t'~/.tcshrc if it is there, else ~/.cshrc'
fish\t'~/.config/fish/config.fish'
powershell\t'~/.config/powershell/profile.ps1'"
complete -c keyfob -n "__fish_keyfob_using_subcommand install" -s n -l dry-run -d 'Only show every file with its content and every command'
complete -c keyfob -n "__fish_keyfob_using_subcommand install" -s y -l yes -d 'Ask nothing: replace what is in the way, which is kept beside it, and end an agent with keys'
complete -c keyfob -n "__fish_keyfob_using_subcommand install" -l json -d 'Tell what was done as JSON'
complete -c keyfob -n "__fish_keyfob_using_subcommand install" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyfob -n "__fish_keyfob_using_subcommand uninstall" -l drop-in -d 'Also remove links to keyfob from this folder, which nobody remembers any more' -r -f -a "(__fish_complete_directories)"
complete -c keyfob -n "__fish_keyfob_using_subcommand uninstall" -s n -l dry-run -d 'Only show every file with its content and every command'
complete -c keyfob -n "__fish_keyfob_using_subcommand uninstall" -s y -l yes -d 'Ask nothing: replace what is in the way, which is kept beside it, and end an agent with keys'
complete -c keyfob -n "__fish_keyfob_using_subcommand uninstall" -l json -d 'Tell what was done as JSON'
complete -c keyfob -n "__fish_keyfob_using_subcommand uninstall" -s h -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyfob -n "__fish_keyfob_using_subcommand help" -s h -l help -d 'Print help'
complete -c keyfob -n "__fish_keyfob_using_subcommand man" -s h -l help -d 'Print help'
