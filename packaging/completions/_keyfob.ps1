
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'keyfob' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'keyfob'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'keyfob' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('env', 'env', [CompletionResultType]::ParameterValue, 'Print the variables that lead to the agent, starting it if need be')
            [CompletionResult]::new('agent', 'agent', [CompletionResultType]::ParameterValue, 'Run an agent')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Add private keys to the agent, for this session')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Show the keys the agent holds, or those of the key store')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Make the agent forget keys; their files stay')
            [CompletionResult]::new('lock', 'lock', [CompletionResultType]::ParameterValue, 'Lock the key store and all keys; without a store, the agent with a passphrase')
            [CompletionResult]::new('unlock', 'unlock', [CompletionResultType]::ParameterValue, 'Unlock the key store, or the agent')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Tell how the key store and the agent are')
            [CompletionResult]::new('watch', 'watch', [CompletionResultType]::ParameterValue, 'Show what goes on in the agent, and answer its questions with one key')
            [CompletionResult]::new('relay', 'relay', [CompletionResultType]::ParameterValue, 'Pass on what programs say to the agent, from standard input: for WSL and containers')
            [CompletionResult]::new('why', 'why', [CompletionResultType]::ParameterValue, 'Tell why the agent refused something')
            [CompletionResult]::new('log', 'log', [CompletionResultType]::ParameterValue, 'Show who used which key for what, or prove that nothing of it was changed')
            [CompletionResult]::new('hosts', 'hosts', [CompletionResultType]::ParameterValue, 'Show which key each host took, or forget it')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Tell which keys a host would be offered, in which order, and why')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Sign something with keys and check the signatures')
            [CompletionResult]::new('generate', 'generate', [CompletionResultType]::ParameterValue, 'Make a key pair')
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Tell what is in key files, and what is wrong with them')
            [CompletionResult]::new('convert', 'convert', [CompletionResultType]::ParameterValue, 'Write a key in another format')
            [CompletionResult]::new('passphrase', 'passphrase', [CompletionResultType]::ParameterValue, 'Change, set or remove the passphrase of a private key file, or change that of the key store')
            [CompletionResult]::new('comment', 'comment', [CompletionResultType]::ParameterValue, 'Change the comment of a key file and of the .pub file beside it')
            [CompletionResult]::new('public', 'public', [CompletionResultType]::ParameterValue, 'Print the public half of a key, or copy it to the clipboard')
            [CompletionResult]::new('copy-id', 'copy-id', [CompletionResultType]::ParameterValue, 'Install public keys on a server, so that they open it')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Make the key store, where keys outlive the session')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Take keys into the key store: files, folders, what ssh is configured with')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write a key of the key store into a file')
            [CompletionResult]::new('rename', 'rename', [CompletionResultType]::ParameterValue, 'Call a key of the key store by another name')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete keys from the key store')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Change the rules of a key of the key store: lifetime, confirmation, hosts')
            [CompletionResult]::new('recovery', 'recovery', [CompletionResultType]::ParameterValue, 'Make a new recovery code for the key store')
            [CompletionResult]::new('account', 'account', [CompletionResultType]::ParameterValue, 'Let the login of your account open the key store without its passphrase, or take that back')
            [CompletionResult]::new('rekey', 'rekey', [CompletionResultType]::ParameterValue, 'Seal everything in the key store anew, so that old passphrases and codes open nothing newer')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Prove every file of the key store, and tell what is not as it should be')
            [CompletionResult]::new('backup', 'backup', [CompletionResultType]::ParameterValue, 'Write the whole key store into one file, sealed as it is')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Put a backup in the place of the key store; what is there is kept beside it')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Look for what keeps ssh from the agent, and for keys that are not safe')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Tell of the settings file: where it is, whether it is right, what it comes to')
            [CompletionResult]::new('setup', 'setup', [CompletionResultType]::ParameterValue, 'Set everything up, step by step: keys, key store, start at login, a login to test it')
            [CompletionResult]::new('install', 'install', [CompletionResultType]::ParameterValue, 'Make the agent start at login, and every program find it')
            [CompletionResult]::new('uninstall', 'uninstall', [CompletionResultType]::ParameterValue, 'Take away what install put there; keys and settings stay')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print completions for a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print help on a topic or a command; without one, which topics there are')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page, or write all of them into a folder')
            break
        }
        'keyfob;env' {
            [CompletionResult]::new('--shell', '--shell', [CompletionResultType]::ParameterName, 'The shell that evaluates the lines [default: the one that called]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The socket of this profile of the settings, which shows its keys only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyfob;agent' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Listen at this path')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Listen at this path')
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'Keys that come without a lifetime stay this long (30, 10m, 1h30m, 2d, 1w)')
            [CompletionResult]::new('--lifetime', '--lifetime', [CompletionResultType]::ParameterName, 'Keys that come without a lifetime stay this long (30, 10m, 1h30m, 2d, 1w)')
            [CompletionResult]::new('-E', '-E ', [CompletionResultType]::ParameterName, 'The hash of fingerprints in questions')
            [CompletionResult]::new('--fingerprint-hash', '--fingerprint-hash', [CompletionResultType]::ParameterName, 'The hash of fingerprints in questions')
            [CompletionResult]::new('-P', '-P ', [CompletionResultType]::ParameterName, 'Accepted for ssh-agent''s sake: no library is ever loaded')
            [CompletionResult]::new('-O', '-O ', [CompletionResultType]::ParameterName, 'Accepted for ssh-agent''s sake: no library is ever loaded')
            [CompletionResult]::new('--shell', '--shell', [CompletionResultType]::ParameterName, 'The shell that evaluates the lines [default: the one that called]')
            [CompletionResult]::new('-T', '-T ', [CompletionResultType]::ParameterName, 'Listen in a fresh folder below $TMPDIR')
            [CompletionResult]::new('--temporary', '--temporary', [CompletionResultType]::ParameterName, 'Listen in a fresh folder below $TMPDIR')
            [CompletionResult]::new('--in-home', '--in-home', [CompletionResultType]::ParameterName, 'Listen in ~/.ssh/agent, where ssh-agent does')
            [CompletionResult]::new('-U', '-U ', [CompletionResultType]::ParameterName, 'Leave stale sockets in ~/.ssh/agent alone')
            [CompletionResult]::new('--no-tidy', '--no-tidy', [CompletionResultType]::ParameterName, 'Leave stale sockets in ~/.ssh/agent alone')
            [CompletionResult]::new('-u', '-u', [CompletionResultType]::ParameterName, 'Only remove stale sockets from ~/.ssh/agent; twice: of all machines that share the home')
            [CompletionResult]::new('--tidy', '--tidy', [CompletionResultType]::ParameterName, 'Only remove stale sockets from ~/.ssh/agent; twice: of all machines that share the home')
            [CompletionResult]::new('-D', '-D ', [CompletionResultType]::ParameterName, 'Stay in the foreground')
            [CompletionResult]::new('--foreground', '--foreground', [CompletionResultType]::ParameterName, 'Stay in the foreground')
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'Stay in the foreground and log everything to the standard error stream')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Stay in the foreground and log everything to the standard error stream')
            [CompletionResult]::new('-k', '-k', [CompletionResultType]::ParameterName, 'End the agent that SSH_AGENT_PID names')
            [CompletionResult]::new('--kill', '--kill', [CompletionResultType]::ParameterName, 'End the agent that SSH_AGENT_PID names')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyfob;add' {
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'Forget the key after this time (30, 10m, 1h30m, 2d, 1w)')
            [CompletionResult]::new('--lifetime', '--lifetime', [CompletionResultType]::ParameterName, 'Forget the key after this time (30, 10m, 1h30m, 2d, 1w)')
            [CompletionResult]::new('--idle', '--idle', [CompletionResultType]::ParameterName, 'Forget the key when it was not used for so long')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Use it only for this host ([USER@]HOST), or from one host to the next (FROM>[USER@]TO); may be repeated')
            [CompletionResult]::new('--destination', '--destination', [CompletionResultType]::ParameterName, 'Use it only for this host ([USER@]HOST), or from one host to the next (FROM>[USER@]TO); may be repeated')
            [CompletionResult]::new('-H', '-H ', [CompletionResultType]::ParameterName, 'Look host keys up in this known hosts file; may be repeated')
            [CompletionResult]::new('--known-hosts', '--known-hosts', [CompletionResultType]::ParameterName, 'Look host keys up in this known hosts file; may be repeated')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'With --save or --link: what the key is called there [default: as its file]')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'The passphrase is the first line of this file (- for a line of standard input)')
            [CompletionResult]::new('--store-passphrase-file', '--store-passphrase-file', [CompletionResultType]::ParameterName, 'The passphrase of the key store is the first line of this file (- for a line of standard input)')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Ask before each use')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Ask before each use')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Add only certificates (FILE-cert.pub)')
            [CompletionResult]::new('--only-certificates', '--only-certificates', [CompletionResultType]::ParameterName, 'Add only certificates (FILE-cert.pub)')
            [CompletionResult]::new('-k', '-k', [CompletionResultType]::ParameterName, 'Add no certificates')
            [CompletionResult]::new('--only-keys', '--only-keys', [CompletionResultType]::ParameterName, 'Add no certificates')
            [CompletionResult]::new('-N', '-N ', [CompletionResultType]::ParameterName, 'Let a certificate stay after its end')
            [CompletionResult]::new('--keep-expired', '--keep-expired', [CompletionResultType]::ParameterName, 'Let a certificate stay after its end')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing when all went well')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing when all went well')
            [CompletionResult]::new('--save', '--save', [CompletionResultType]::ParameterName, 'Keep the keys in the key store, beyond this session')
            [CompletionResult]::new('--link', '--link', [CompletionResultType]::ParameterName, 'Keep in the key store where the files are, and their passphrases, beyond this session')
            [CompletionResult]::new('--allow-slow', '--allow-slow', [CompletionResultType]::ParameterName, 'Open a file even if that takes minutes')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyfob;list' {
            [CompletionResult]::new('-E', '-E ', [CompletionResultType]::ParameterName, 'The hash of fingerprints')
            [CompletionResult]::new('--fingerprint-hash', '--fingerprint-hash', [CompletionResultType]::ParameterName, 'The hash of fingerprints')
            [CompletionResult]::new('--store-passphrase-file', '--store-passphrase-file', [CompletionResultType]::ParameterName, 'The passphrase of the key store is the first line of this file (- for a line of standard input)')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'As JSON')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Bits, fingerprint, comment and type, as ssh-add -l')
            [CompletionResult]::new('--fingerprints', '--fingerprints', [CompletionResultType]::ParameterName, 'Bits, fingerprint, comment and type, as ssh-add -l')
            [CompletionResult]::new('-L', '-L ', [CompletionResultType]::ParameterName, 'The public keys, as ssh-add -L')
            [CompletionResult]::new('--public-keys', '--public-keys', [CompletionResultType]::ParameterName, 'The public keys, as ssh-add -L')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Those of the key store, which is not unlocked: whether they are genuine is not known then')
            [CompletionResult]::new('--unlock', '--unlock', [CompletionResultType]::ParameterName, 'With --store: unlock it, check every key, and show the rules too')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyfob;remove' {
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'All of them')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing when all went well')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing when all went well')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyfob;lock' {
            [CompletionResult]::new('--store-passphrase-file', '--store-passphrase-file', [CompletionResultType]::ParameterName, 'The passphrase of the key store, or without one that of the lock, is the first line of this file (- for a line of standard input)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyfob;unlock' {
            [CompletionResult]::new('--store-passphrase-file', '--store-passphrase-file', [CompletionResultType]::ParameterName, 'The passphrase of the key store, or without one that of the lock, is the first line of this file (- for a line of standard input)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyfob;status' {
            [CompletionResult]::new('--security', '--security', [CompletionResultType]::ParameterName, 'What protects the process that holds the keys')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'As JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyfob;watch' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyfob;relay' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyfob;why' {
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The last N of them, 0 for all')
            [CompletionResult]::new('--last', '--last', [CompletionResultType]::ParameterName, 'The last N of them, 0 for all')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'As JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyfob;log' {
            [CompletionResult]::new('-k', '-k', [CompletionResultType]::ParameterName, 'Only this key: its fingerprint or the beginning of it, its comment, or a part or pattern (*, ?) of that')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Only this key: its fingerprint or the beginning of it, its comment, or a part or pattern (*, ?) of that')
            [CompletionResult]::new('-H', '-H ', [CompletionResultType]::ParameterName, 'Only this host: one of its names or a pattern (*, ?) of them, or the fingerprint of its key')
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'Only this host: one of its names or a pattern (*, ?) of them, or the fingerprint of its key')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Only what this program asked for, itself or through others: its name or its path')
            [CompletionResult]::new('--program', '--program', [CompletionResultType]::ParameterName, 'Only what this program asked for, itself or through others: its name or its path')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Nothing before: a length of time ago (2h), or a date with or without a time (2026-11-26T15:00)')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Nothing after')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'The last N of them, 0 for all [default: 50, with --json all]')
            [CompletionResult]::new('--last', '--last', [CompletionResultType]::ParameterName, 'The last N of them, 0 for all [default: 50, with --json all]')
            [CompletionResult]::new('--store-passphrase-file', '--store-passphrase-file', [CompletionResultType]::ParameterName, 'The passphrase of the key store is the first line of this file (- for a line of standard input)')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'As JSON: the lines as they are written, one for each event; with verify one document')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Go on with what is written from now on')
            [CompletionResult]::new('--follow', '--follow', [CompletionResultType]::ParameterName, 'Go on with what is written from now on')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyfob;hosts' {
            [CompletionResult]::new('-H', '-H ', [CompletionResultType]::ParameterName, 'Look names up in this known hosts file; may be repeated')
            [CompletionResult]::new('--known-hosts', '--known-hosts', [CompletionResultType]::ParameterName, 'Look names up in this known hosts file; may be repeated')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'As JSON')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'With forget: all of them')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'With --all: ask nothing before it begins')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'With --all: ask nothing before it begins')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyfob;explain' {
            [CompletionResult]::new('-H', '-H ', [CompletionResultType]::ParameterName, 'Look the host key up in this known hosts file; may be repeated')
            [CompletionResult]::new('--known-hosts', '--known-hosts', [CompletionResultType]::ParameterName, 'Look the host key up in this known hosts file; may be repeated')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'As JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyfob;test' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyfob;generate' {
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'ed25519 [default], rsa, ecdsa or mldsa44-ed25519')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'ed25519 [default], rsa, ecdsa or mldsa44-ed25519')
            [CompletionResult]::new('-b', '-b', [CompletionResultType]::ParameterName, 'Bits: rsa 2048 to 16384 [default: 3072], ecdsa 256, 384 or 521 [default: 256]')
            [CompletionResult]::new('--bits', '--bits', [CompletionResultType]::ParameterName, 'Bits: rsa 2048 to 16384 [default: 3072], ecdsa 256, 384 or 521 [default: 256]')
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'What a place needs that is picky about keys; list shows them')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Save it here instead; missing folders are made')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Save it here instead; missing folders are made')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'A comment to know it by [default: user@host]')
            [CompletionResult]::new('--comment', '--comment', [CompletionResultType]::ParameterName, 'A comment to know it by [default: user@host]')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'Take the passphrase from the first line of this file, - for standard input')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'The form of the private half: openssh [default], pem, pkcs8, ppk (PuTTY) or ppk2 (PuTTY before 0.75); passphrases of pem and ppk2 are quick to guess')
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Rounds that make guessing the passphrase slow, 6 ms each [default: 24]')
            [CompletionResult]::new('--rounds', '--rounds', [CompletionResultType]::ParameterName, 'Rounds that make guessing the passphrase slow, 6 ms each [default: 24]')
            [CompletionResult]::new('-Z', '-Z ', [CompletionResultType]::ParameterName, 'The cipher of the private half, as ssh -Q cipher lists them [default: aes256-ctr]')
            [CompletionResult]::new('--cipher', '--cipher', [CompletionResultType]::ParameterName, 'The cipher of the private half, as ssh -Q cipher lists them [default: aes256-ctr]')
            [CompletionResult]::new('--lifetime', '--lifetime', [CompletionResultType]::ParameterName, 'With --add: the agent forgets it after this time (30, 10m, 1h30m, 2d, 1w); with --save: so does an unlocked store')
            [CompletionResult]::new('--store-passphrase-file', '--store-passphrase-file', [CompletionResultType]::ParameterName, 'The passphrase of the key store is the first line of this file (- for a line of standard input)')
            [CompletionResult]::new('--no-passphrase', '--no-passphrase', [CompletionResultType]::ParameterName, 'Do not encrypt the private half')
            [CompletionResult]::new('--rfc4716', '--rfc4716', [CompletionResultType]::ParameterName, 'Write the public half in the form of RFC 4716 too (NAME.pub.rfc4716)')
            [CompletionResult]::new('--add', '--add', [CompletionResultType]::ParameterName, 'Add it to the agent as well')
            [CompletionResult]::new('--save', '--save', [CompletionResultType]::ParameterName, 'Make it in the key store, under this name: its private half never is a file')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'With --add or --save: the agent asks before each use')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace files of this name without a question')
            [CompletionResult]::new('--weak', '--weak', [CompletionResultType]::ParameterName, 'Make an RSA key of 1024 to 2047 bits')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Tell the result as JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing when all went well')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing when all went well')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyfob;inspect' {
            [CompletionResult]::new('-E', '-E ', [CompletionResultType]::ParameterName, 'The hash of fingerprints [default: both]')
            [CompletionResult]::new('--fingerprint-hash', '--fingerprint-hash', [CompletionResultType]::ParameterName, 'The hash of fingerprints [default: both]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'As JSON')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Fail if there is a warning')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyfob;convert' {
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'The format to write; pem and pkcs8 mean the public form for a public key')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write here (- for standard output); public keys go to standard output by default')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write here (- for standard output); public keys go to standard output by default')
            [CompletionResult]::new('--new-passphrase-file', '--new-passphrase-file', [CompletionResultType]::ParameterName, 'The new passphrase is the first line of this file (- for a line of standard input)')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'The passphrase is the first line of this file (- for a line of standard input)')
            [CompletionResult]::new('-Z', '-Z ', [CompletionResultType]::ParameterName, 'The cipher of an OpenSSH file')
            [CompletionResult]::new('--cipher', '--cipher', [CompletionResultType]::ParameterName, 'The cipher of an OpenSSH file')
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Rounds of an OpenSSH file''s key derivation: more make guessing slower, and opening too')
            [CompletionResult]::new('--rounds', '--rounds', [CompletionResultType]::ParameterName, 'Rounds of an OpenSSH file''s key derivation: more make guessing slower, and opening too')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Replace a file that is there, without a question')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace a file that is there, without a question')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Never replace a file, and do not ask')
            [CompletionResult]::new('--no-clobber', '--no-clobber', [CompletionResultType]::ParameterName, 'Never replace a file, and do not ask')
            [CompletionResult]::new('--new-passphrase', '--new-passphrase', [CompletionResultType]::ParameterName, 'Ask for a new passphrase instead of keeping the one there is')
            [CompletionResult]::new('--no-passphrase', '--no-passphrase', [CompletionResultType]::ParameterName, 'Leave the passphrase out: whoever can read the file can use the key')
            [CompletionResult]::new('--allow-slow', '--allow-slow', [CompletionResultType]::ParameterName, 'Open a file even if that takes minutes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyfob;passphrase' {
            [CompletionResult]::new('--new-passphrase-file', '--new-passphrase-file', [CompletionResultType]::ParameterName, 'The new passphrase is the first line of this file (- for a line of standard input)')
            [CompletionResult]::new('--recovery-code-file', '--recovery-code-file', [CompletionResultType]::ParameterName, 'The same, and the code is the first line of this file (- for a line of standard input)')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'The passphrase is the first line of this file (- for a line of standard input)')
            [CompletionResult]::new('-Z', '-Z ', [CompletionResultType]::ParameterName, 'The cipher of an OpenSSH file')
            [CompletionResult]::new('--cipher', '--cipher', [CompletionResultType]::ParameterName, 'The cipher of an OpenSSH file')
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Rounds of an OpenSSH file''s key derivation: more make guessing slower, and opening too')
            [CompletionResult]::new('--rounds', '--rounds', [CompletionResultType]::ParameterName, 'Rounds of an OpenSSH file''s key derivation: more make guessing slower, and opening too')
            [CompletionResult]::new('--store-passphrase-file', '--store-passphrase-file', [CompletionResultType]::ParameterName, 'The passphrase of the key store is the first line of this file (- for a line of standard input)')
            [CompletionResult]::new('--memory', '--memory', [CompletionResultType]::ParameterName, 'Memory a guess at the key store''s passphrase takes, 64M to 1G [default: what takes this machine half a second to a second]')
            [CompletionResult]::new('--remove', '--remove', [CompletionResultType]::ParameterName, 'Have no passphrase')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'That of the key store')
            [CompletionResult]::new('--recovery-code', '--recovery-code', [CompletionResultType]::ParameterName, 'Open the key store with its recovery code instead of its passphrase')
            [CompletionResult]::new('--allow-slow', '--allow-slow', [CompletionResultType]::ParameterName, 'Open a file even if that takes minutes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyfob;comment' {
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'The passphrase is the first line of this file (- for a line of standard input)')
            [CompletionResult]::new('--allow-slow', '--allow-slow', [CompletionResultType]::ParameterName, 'Open a file even if that takes minutes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyfob;public' {
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'The passphrase is the first line of this file (- for a line of standard input)')
            [CompletionResult]::new('--rfc4716', '--rfc4716', [CompletionResultType]::ParameterName, 'In the form of RFC 4716 (BEGIN SSH2 PUBLIC KEY)')
            [CompletionResult]::new('--pem', '--pem', [CompletionResultType]::ParameterName, 'As PEM (BEGIN RSA PUBLIC KEY)')
            [CompletionResult]::new('--pkcs8', '--pkcs8', [CompletionResultType]::ParameterName, 'As SubjectPublicKeyInfo (BEGIN PUBLIC KEY)')
            [CompletionResult]::new('--copy', '--copy', [CompletionResultType]::ParameterName, 'Copy it to the clipboard instead of printing it')
            [CompletionResult]::new('--allow-slow', '--allow-slow', [CompletionResultType]::ParameterName, 'Open a file even if that takes minutes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyfob;copy-id' {
            [CompletionResult]::new('-i', '-i', [CompletionResultType]::ParameterName, 'Install the key of this file, private or public; may be repeated [default: the agent''s keys, else the newest of the usual files in ~/.ssh]')
            [CompletionResult]::new('--identity', '--identity', [CompletionResultType]::ParameterName, 'Install the key of this file, private or public; may be repeated [default: the agent''s keys, else the newest of the usual files in ~/.ssh]')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'The port of the SSH server')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'The port of the SSH server')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'An option for ssh, as in its configuration; may be repeated')
            [CompletionResult]::new('--option', '--option', [CompletionResultType]::ParameterName, 'An option for ssh, as in its configuration; may be repeated')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Only show what would be installed')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Only show what would be installed')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyfob;init' {
            [CompletionResult]::new('--store-passphrase-file', '--store-passphrase-file', [CompletionResultType]::ParameterName, 'The passphrase of the key store is the first line of this file (- for a line of standard input)')
            [CompletionResult]::new('--memory', '--memory', [CompletionResultType]::ParameterName, 'Memory a guess at the passphrase takes, 64M to 1G [default: what takes this machine half a second to a second]')
            [CompletionResult]::new('--recovery-file', '--recovery-file', [CompletionResultType]::ParameterName, 'Write the recovery code into this new file, for you alone, instead of showing it (- for standard output)')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Tell the result as JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyfob;import' {
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Find the keys there instead: what ~/.ssh/config names and ~/.ssh holds; of the others it says what can be done')
            [CompletionResult]::new('--store-passphrase-file', '--store-passphrase-file', [CompletionResultType]::ParameterName, 'The passphrase of the key store is the first line of this file (- for a line of standard input)')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'The passphrase is the first line of this file (- for a line of standard input)')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Ask nothing before it begins')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Ask nothing before it begins')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Tell the result as JSON')
            [CompletionResult]::new('--allow-slow', '--allow-slow', [CompletionResultType]::ParameterName, 'Open a file even if that takes minutes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyfob;export' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'The format of the file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write here (- for standard output)')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write here (- for standard output)')
            [CompletionResult]::new('--new-passphrase-file', '--new-passphrase-file', [CompletionResultType]::ParameterName, 'The passphrase of the new file is the first line of this file (- for a line of standard input)')
            [CompletionResult]::new('--store-passphrase-file', '--store-passphrase-file', [CompletionResultType]::ParameterName, 'The passphrase of the key store is the first line of this file (- for a line of standard input)')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Replace a file that is there, without a question')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace a file that is there, without a question')
            [CompletionResult]::new('--no-passphrase', '--no-passphrase', [CompletionResultType]::ParameterName, 'Leave a passphrase out: whoever can read the file can use the key')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyfob;rename' {
            [CompletionResult]::new('--store-passphrase-file', '--store-passphrase-file', [CompletionResultType]::ParameterName, 'The passphrase of the key store is the first line of this file (- for a line of standard input)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyfob;delete' {
            [CompletionResult]::new('--store-passphrase-file', '--store-passphrase-file', [CompletionResultType]::ParameterName, 'The passphrase of the key store is the first line of this file (- for a line of standard input)')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Ask nothing before it begins')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Ask nothing before it begins')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyfob;set' {
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'Ask for the passphrase of the store again when it was open so long (30, 10m, 1h30m, 2d, 1w), or none')
            [CompletionResult]::new('--lifetime', '--lifetime', [CompletionResultType]::ParameterName, 'Ask for the passphrase of the store again when it was open so long (30, 10m, 1h30m, 2d, 1w), or none')
            [CompletionResult]::new('--idle', '--idle', [CompletionResultType]::ParameterName, 'Ask for it again when the key was not used for so long, or none')
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'Use it only for this host ([USER@]HOST), or from one host to the next (FROM>[USER@]TO); may be repeated, and replaces all there were; or any')
            [CompletionResult]::new('-H', '-H ', [CompletionResultType]::ParameterName, 'Look host keys up in this known hosts file; may be repeated')
            [CompletionResult]::new('--known-hosts', '--known-hosts', [CompletionResultType]::ParameterName, 'Look host keys up in this known hosts file; may be repeated')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The comment; '''' for none')
            [CompletionResult]::new('--comment', '--comment', [CompletionResultType]::ParameterName, 'The comment; '''' for none')
            [CompletionResult]::new('--certificate', '--certificate', [CompletionResultType]::ParameterName, 'The certificate in this file, or none')
            [CompletionResult]::new('--store-passphrase-file', '--store-passphrase-file', [CompletionResultType]::ParameterName, 'The passphrase of the key store is the first line of this file (- for a line of standard input)')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Ask before each use')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Ask before each use')
            [CompletionResult]::new('--no-confirm', '--no-confirm', [CompletionResultType]::ParameterName, 'Do not ask before each use')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyfob;recovery' {
            [CompletionResult]::new('--recovery-file', '--recovery-file', [CompletionResultType]::ParameterName, 'Write the recovery code into this new file, for you alone, instead of showing it (- for standard output)')
            [CompletionResult]::new('--store-passphrase-file', '--store-passphrase-file', [CompletionResultType]::ParameterName, 'The passphrase of the key store is the first line of this file (- for a line of standard input)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyfob;account' {
            [CompletionResult]::new('--store-passphrase-file', '--store-passphrase-file', [CompletionResultType]::ParameterName, 'The passphrase of the key store is the first line of this file (- for a line of standard input)')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Ask nothing before it is done')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Ask nothing before it is done')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyfob;rekey' {
            [CompletionResult]::new('--new-passphrase-file', '--new-passphrase-file', [CompletionResultType]::ParameterName, 'The new passphrase is the first line of this file (- for a line of standard input)')
            [CompletionResult]::new('--memory', '--memory', [CompletionResultType]::ParameterName, 'Memory a guess at the key store''s passphrase takes, 64M to 1G [default: what takes this machine half a second to a second]')
            [CompletionResult]::new('--recovery-file', '--recovery-file', [CompletionResultType]::ParameterName, 'Write the recovery code into this new file, for you alone, instead of showing it (- for standard output)')
            [CompletionResult]::new('--store-passphrase-file', '--store-passphrase-file', [CompletionResultType]::ParameterName, 'The passphrase of the key store is the first line of this file (- for a line of standard input)')
            [CompletionResult]::new('--recovery-code-file', '--recovery-code-file', [CompletionResultType]::ParameterName, 'The same, and the code is the first line of this file (- for a line of standard input)')
            [CompletionResult]::new('--keep-passphrase', '--keep-passphrase', [CompletionResultType]::ParameterName, 'Keep the passphrase; a new one is asked for otherwise')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Ask nothing before it begins')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Ask nothing before it begins')
            [CompletionResult]::new('--recovery-code', '--recovery-code', [CompletionResultType]::ParameterName, 'Open the key store with its recovery code instead of its passphrase')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyfob;check' {
            [CompletionResult]::new('--store-passphrase-file', '--store-passphrase-file', [CompletionResultType]::ParameterName, 'The passphrase of the key store is the first line of this file (- for a line of standard input)')
            [CompletionResult]::new('--recovery-code-file', '--recovery-code-file', [CompletionResultType]::ParameterName, 'The same, and the code is the first line of this file (- for a line of standard input)')
            [CompletionResult]::new('--accept', '--accept', [CompletionResultType]::ParameterName, 'Take the store as it is, though this machine has seen a newer one or another root key')
            [CompletionResult]::new('--repair', '--repair', [CompletionResultType]::ParameterName, 'Mend what can be mended; says what it will do, and asks')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'With --accept or --repair: ask nothing before it begins; what --repair asks for one by one is left and named')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'With --accept or --repair: ask nothing before it begins; what --repair asks for one by one is left and named')
            [CompletionResult]::new('--risky', '--risky', [CompletionResultType]::ParameterName, 'With --repair --yes: do that too: give missing keys up, take older versions back, keep ways to unlock that are not in the list')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Tell the result as JSON')
            [CompletionResult]::new('--recovery-code', '--recovery-code', [CompletionResultType]::ParameterName, 'Open the key store with its recovery code instead of its passphrase')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyfob;backup' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Replace a file that is there, without a question')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace a file that is there, without a question')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyfob;restore' {
            [CompletionResult]::new('--store-passphrase-file', '--store-passphrase-file', [CompletionResultType]::ParameterName, 'The passphrase of the key store is the first line of this file (- for a line of standard input)')
            [CompletionResult]::new('--recovery-code-file', '--recovery-code-file', [CompletionResultType]::ParameterName, 'The same, and the code is the first line of this file (- for a line of standard input)')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Ask nothing before it begins')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Ask nothing before it begins')
            [CompletionResult]::new('--recovery-code', '--recovery-code', [CompletionResultType]::ParameterName, 'Open the key store with its recovery code instead of its passphrase')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyfob;doctor' {
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'Ask ssh what holds for this host, [USER@]HOST[:PORT]')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Show what is fine too')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'As JSON: a list of everything that was looked at')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Let a warning count as something wrong')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyfob;config' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Tell whether the settings file is right, and if not where')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print every setting with the value that counts')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print where the settings file is')
            break
        }
        'keyfob;config;check' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'As JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyfob;config;show' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'As JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyfob;config;path' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyfob;setup' {
            [CompletionResult]::new('--store-passphrase-file', '--store-passphrase-file', [CompletionResultType]::ParameterName, 'The passphrase of the key store is the first line of this file (- for a line of standard input)')
            [CompletionResult]::new('--memory', '--memory', [CompletionResultType]::ParameterName, 'Memory a guess at the passphrase of a new store takes, 64M to 1G [default: what suits this machine]')
            [CompletionResult]::new('--recovery-file', '--recovery-file', [CompletionResultType]::ParameterName, 'Write the recovery code into this new file, for you alone, instead of showing it (- for standard output)')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'The passphrase is the first line of this file (- for a line of standard input)')
            [CompletionResult]::new('--shell', '--shell', [CompletionResultType]::ParameterName, 'The same, and add the line to the start file of a shell in any case [default: the login shell]')
            [CompletionResult]::new('--test', '--test', [CompletionResultType]::ParameterName, 'Log in there (ssh -T), to see that it works')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Only show what would be done')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Only show what would be done')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Ask nothing but passphrases: make the key store, import keys or make one, install')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Ask nothing but passphrases: make the key store, import keys or make one, install')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Tell what was done as JSON')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Make the key store, if there is none')
            [CompletionResult]::new('--no-store', '--no-store', [CompletionResultType]::ParameterName, 'Do without a key store')
            [CompletionResult]::new('--import', '--import', [CompletionResultType]::ParameterName, 'Take the keys that are found into the store')
            [CompletionResult]::new('--link', '--link', [CompletionResultType]::ParameterName, 'Leave them in their files, and have the store remember where, and the passphrases')
            [CompletionResult]::new('--generate', '--generate', [CompletionResultType]::ParameterName, 'Make a key (ed25519) where none is found')
            [CompletionResult]::new('--no-keys', '--no-keys', [CompletionResultType]::ParameterName, 'Take no key in, and make none')
            [CompletionResult]::new('--allow-slow', '--allow-slow', [CompletionResultType]::ParameterName, 'Open a file even if that takes minutes')
            [CompletionResult]::new('--install', '--install', [CompletionResultType]::ParameterName, 'Make the agent start by itself, as keyfob install does; without systemd by the shell''s start file')
            [CompletionResult]::new('--no-install', '--no-install', [CompletionResultType]::ParameterName, 'Do not')
            [CompletionResult]::new('--no-test', '--no-test', [CompletionResultType]::ParameterName, 'Do not ask for such a host')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyfob;install' {
            [CompletionResult]::new('--drop-in', '--drop-in', [CompletionResultType]::ParameterName, 'Also link ssh-agent, ssh-add and ssh-keygen to keyfob, in this folder')
            [CompletionResult]::new('--shell', '--shell', [CompletionResultType]::ParameterName, 'Also add the line with `keyfob env` to the start file of a shell [default: the login shell]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Only show every file with its content and every command')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Only show every file with its content and every command')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Ask nothing: replace what is in the way, which is kept beside it, and end an agent with keys')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Ask nothing: replace what is in the way, which is kept beside it, and end an agent with keys')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Tell what was done as JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyfob;uninstall' {
            [CompletionResult]::new('--drop-in', '--drop-in', [CompletionResultType]::ParameterName, 'Also remove links to keyfob from this folder, which nobody remembers any more')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Only show every file with its content and every command')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Only show every file with its content and every command')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Ask nothing: replace what is in the way, which is kept beside it, and end an agent with keys')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Ask nothing: replace what is in the way, which is kept beside it, and end an agent with keys')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Tell what was done as JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyfob;completions' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyfob;help' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyfob;man' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
