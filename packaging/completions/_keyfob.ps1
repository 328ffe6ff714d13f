
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
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Show the keys the agent holds')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Make the agent forget keys; their files stay')
            [CompletionResult]::new('lock', 'lock', [CompletionResultType]::ParameterValue, 'Lock the agent with a passphrase')
            [CompletionResult]::new('unlock', 'unlock', [CompletionResultType]::ParameterValue, 'Unlock the agent')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Sign something with keys and check the signatures')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print completions for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page, or write all of them into a folder')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyfob;env' {
            [CompletionResult]::new('--shell', '--shell', [CompletionResultType]::ParameterName, 'The shell that evaluates the lines [default: the one that called]')
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
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Use it only for this host ([USER@]HOST), or from one host to the next (FROM>[USER@]TO); may be repeated')
            [CompletionResult]::new('--destination', '--destination', [CompletionResultType]::ParameterName, 'Use it only for this host ([USER@]HOST), or from one host to the next (FROM>[USER@]TO); may be repeated')
            [CompletionResult]::new('-H', '-H ', [CompletionResultType]::ParameterName, 'Look host keys up in this known hosts file; may be repeated')
            [CompletionResult]::new('--known-hosts', '--known-hosts', [CompletionResultType]::ParameterName, 'Look host keys up in this known hosts file; may be repeated')
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
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyfob;list' {
            [CompletionResult]::new('-E', '-E ', [CompletionResultType]::ParameterName, 'The hash of fingerprints')
            [CompletionResult]::new('--fingerprint-hash', '--fingerprint-hash', [CompletionResultType]::ParameterName, 'The hash of fingerprints')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'As JSON')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Bits, fingerprint, comment and type, as ssh-add -l')
            [CompletionResult]::new('--fingerprints', '--fingerprints', [CompletionResultType]::ParameterName, 'Bits, fingerprint, comment and type, as ssh-add -l')
            [CompletionResult]::new('-L', '-L ', [CompletionResultType]::ParameterName, 'The public keys, as ssh-add -L')
            [CompletionResult]::new('--public-keys', '--public-keys', [CompletionResultType]::ParameterName, 'The public keys, as ssh-add -L')
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
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyfob;unlock' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyfob;test' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyfob;completions' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyfob;man' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyfob;help' {
            [CompletionResult]::new('env', 'env', [CompletionResultType]::ParameterValue, 'Print the variables that lead to the agent, starting it if need be')
            [CompletionResult]::new('agent', 'agent', [CompletionResultType]::ParameterValue, 'Run an agent')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Add private keys to the agent, for this session')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Show the keys the agent holds')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Make the agent forget keys; their files stay')
            [CompletionResult]::new('lock', 'lock', [CompletionResultType]::ParameterValue, 'Lock the agent with a passphrase')
            [CompletionResult]::new('unlock', 'unlock', [CompletionResultType]::ParameterValue, 'Unlock the agent')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Sign something with keys and check the signatures')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print completions for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page, or write all of them into a folder')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyfob;help;env' {
            break
        }
        'keyfob;help;agent' {
            break
        }
        'keyfob;help;add' {
            break
        }
        'keyfob;help;list' {
            break
        }
        'keyfob;help;remove' {
            break
        }
        'keyfob;help;lock' {
            break
        }
        'keyfob;help;unlock' {
            break
        }
        'keyfob;help;test' {
            break
        }
        'keyfob;help;completions' {
            break
        }
        'keyfob;help;man' {
            break
        }
        'keyfob;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
