module completions {

  # One agent for all of your SSH keys
  export extern keyfob [
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete keyfob env shell" [] {
    [ "sh" "csh" "fish" "powershell" "nushell" "cmd" ]
  }

  # Print the variables that lead to the agent, starting it if need be
  export extern "keyfob env" [
    --shell: string@"nu-complete keyfob env shell" # The shell that evaluates the lines [default: the one that called]
    --profile: string         # The socket of this profile of the settings, which shows its keys only
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete keyfob agent fingerprint_hash" [] {
    [ "sha256" "md5" ]
  }

  def "nu-complete keyfob agent shell" [] {
    [ "sh" "csh" "fish" "powershell" "nushell" "cmd" ]
  }

  # Run an agent
  export extern "keyfob agent" [
    --address(-a): path       # Listen at this path
    --temporary(-T)           # Listen in a fresh folder below $TMPDIR
    --in-home                 # Listen in ~/.ssh/agent, where ssh-agent does
    --no-tidy(-U)             # Leave stale sockets in ~/.ssh/agent alone
    --tidy(-u)                # Only remove stale sockets from ~/.ssh/agent; twice: of all machines that share the home
    --lifetime(-t): string    # Keys that come without a lifetime stay this long (30, 10m, 1h30m, 2d, 1w)
    --fingerprint-hash(-E): string@"nu-complete keyfob agent fingerprint_hash" # The hash of fingerprints in questions
    --foreground(-D)          # Stay in the foreground
    --debug(-d)               # Stay in the foreground and log everything to the standard error stream
    --kill(-k)                # End the agent that SSH_AGENT_PID names
    -P: string                # Accepted for ssh-agent's sake: no library is ever loaded
    -O: string                # Accepted for ssh-agent's sake: no library is ever loaded
    --shell: string@"nu-complete keyfob agent shell" # The shell that evaluates the lines [default: the one that called]
    --help(-h)                # Print help (see more with '--help')
    ...command: string        # Run this with the agent; the agent ends with it
  ]

  # Add private keys to the agent, for this session
  export extern "keyfob add" [
    --lifetime(-t): string    # Forget the key after this time (30, 10m, 1h30m, 2d, 1w)
    --idle: string            # Forget the key when it was not used for so long
    --confirm(-c)             # Ask before each use
    --destination(-h): string # Use it only for this host ([USER@]HOST), or from one host to the next (FROM>[USER@]TO); may be repeated
    --known-hosts(-H): path   # Look host keys up in this known hosts file; may be repeated
    --only-certificates(-C)   # Add only certificates (FILE-cert.pub)
    --only-keys(-k)           # Add no certificates
    --keep-expired(-N)        # Let a certificate stay after its end
    --quiet(-q)               # Say nothing when all went well
    --save                    # Keep the keys in the key store, beyond this session
    --link                    # Keep in the key store where the files are, and their passphrases, beyond this session
    --name: string            # With --save or --link: what the key is called there [default: as its file]
    --passphrase-file: path   # The passphrase is the first line of this file (- for a line of standard input)
    --allow-slow              # Open a file even if that takes minutes
    --help                    # Print help
    --store-passphrase-file: path # The passphrase of the key store is the first line of this file (- for a line of standard input)
    ...paths: path            # Key files, folders with key files, or - for standard input [default: the usual files in ~/.ssh]
  ]

  def "nu-complete keyfob list fingerprint_hash" [] {
    [ "sha256" "md5" ]
  }

  # Show the keys the agent holds, or those of the key store
  export extern "keyfob list" [
    --json                    # As JSON
    --fingerprints(-l)        # Bits, fingerprint, comment and type, as ssh-add -l
    --public-keys(-L)         # The public keys, as ssh-add -L
    --fingerprint-hash(-E): string@"nu-complete keyfob list fingerprint_hash" # The hash of fingerprints
    --store                   # Those of the key store, which is not unlocked: whether they are genuine is not known then
    --unlock                  # With --store: unlock it, check every key, and show the rules too
    --store-passphrase-file: path # The passphrase of the key store is the first line of this file (- for a line of standard input)
    --help(-h)                # Print help
  ]

  # Make the agent forget keys; their files stay
  export extern "keyfob remove" [
    --all                     # All of them
    --quiet(-q)               # Say nothing when all went well
    --help(-h)                # Print help
    ...names: path            # Number or comment in the list, fingerprint or its beginning, or a key file
  ]

  # Lock the key store and all keys; without a store, the agent with a passphrase
  export extern "keyfob lock" [
    --store-passphrase-file: path # The passphrase of the key store, or without one that of the lock, is the first line of this file (- for a line of standard input)
    --help(-h)                # Print help
  ]

  # Unlock the key store, or the agent
  export extern "keyfob unlock" [
    --store-passphrase-file: path # The passphrase of the key store, or without one that of the lock, is the first line of this file (- for a line of standard input)
    --help(-h)                # Print help
  ]

  # Tell how the key store and the agent are
  export extern "keyfob status" [
    --security                # What protects the process that holds the keys
    --json                    # As JSON
    --help(-h)                # Print help
  ]

  # Show what goes on in the agent, and answer its questions with one key
  export extern "keyfob watch" [
    --help(-h)                # Print help
  ]

  # Pass on what programs say to the agent, from standard input: for WSL and containers
  export extern "keyfob relay" [
    --help(-h)                # Print help
  ]

  # Tell why the agent refused something
  export extern "keyfob why" [
    --json                    # As JSON
    --last(-n): string        # The last N of them, 0 for all
    --help(-h)                # Print help
  ]

  def "nu-complete keyfob log what" [] {
    [ "verify" ]
  }

  # Show who used which key for what, or prove that nothing of it was changed
  export extern "keyfob log" [
    --json                    # As JSON: the lines as they are written, one for each event; with verify one document
    --key(-k): string         # Only this key: its fingerprint or the beginning of it, its comment, or a part or pattern (*, ?) of that
    --host(-H): string        # Only this host: one of its names or a pattern (*, ?) of them, or the fingerprint of its key
    --program(-p): string     # Only what this program asked for, itself or through others: its name or its path
    --since: string           # Nothing before: a length of time ago (2h), or a date with or without a time (2026-11-26T15:00)
    --until: string           # Nothing after
    --follow(-f)              # Go on with what is written from now on
    --last(-n): string        # The last N of them, 0 for all [default: 50, with --json all]
    --store-passphrase-file: path # The passphrase of the key store is the first line of this file (- for a line of standard input)
    --help(-h)                # Print help (see more with '--help')
    what?: string@"nu-complete keyfob log what" # What is to be done, instead of showing it
  ]

  def "nu-complete keyfob hosts what" [] {
    [ "forget" ]
  }

  # Show which key each host took, or forget it
  export extern "keyfob hosts" [
    --json                    # As JSON
    --known-hosts(-H): path   # Look names up in this known hosts file; may be repeated
    --all                     # With forget: all of them
    --yes(-y)                 # With --all: ask nothing before it begins
    --help(-h)                # Print help (see more with '--help')
    what?: string@"nu-complete keyfob hosts what" # What is to be done, instead of showing them
    ...hosts: string          # Names, patterns of names, or fingerprints of host keys
  ]

  # Tell which keys a host would be offered, in which order, and why
  export extern "keyfob explain" [
    --json                    # As JSON
    --known-hosts(-H): path   # Look the host key up in this known hosts file; may be repeated
    --help(-h)                # Print help
    host: string              # [USER@]HOST[:PORT], by the name that known hosts files have, not an alias of ssh_config(5)
  ]

  # Sign something with keys and check the signatures
  export extern "keyfob test" [
    --help(-h)                # Print help
    ...names: path            # Number or comment in the list, fingerprint or its beginning, or a key file
  ]

  def "nu-complete keyfob generate kind" [] {
    [ "ed25519" "rsa" "ecdsa" "mldsa44-ed25519" ]
  }

  def "nu-complete keyfob generate profile" [] {
    [ "list" "aws-ec2" "azure" "cisco-csr1000v" "enscale" "github" "gitlab" "openstack" "vk-cloud" "yandex-cloud" ]
  }

  def "nu-complete keyfob generate format" [] {
    [ "openssh" "pem" "pkcs8" "ppk" "ppk2" ]
  }

  def "nu-complete keyfob generate cipher" [] {
    [ "3des-cbc" "aes128-cbc" "aes192-cbc" "aes256-cbc" "aes128-ctr" "aes192-ctr" "aes256-ctr" "aes128-gcm@openssh.com" "aes256-gcm@openssh.com" "chacha20-poly1305@openssh.com" ]
  }

  # Make a key pair
  export extern "keyfob generate" [
    --type(-t): string@"nu-complete keyfob generate kind" # ed25519 [default], rsa, ecdsa or mldsa44-ed25519
    --bits(-b): string        # Bits: rsa 2048 to 16384 [default: 3072], ecdsa 256, 384 or 521 [default: 256]
    --for: string@"nu-complete keyfob generate profile" # What a place needs that is picky about keys; list shows them
    --file(-f): path          # Save it here instead; missing folders are made
    --comment(-C): string     # A comment to know it by [default: user@host]
    --passphrase-file: path   # Take the passphrase from the first line of this file, - for standard input
    --no-passphrase           # Do not encrypt the private half
    --format: string@"nu-complete keyfob generate format" # The form of the private half: openssh [default], pem, pkcs8, ppk (PuTTY) or ppk2 (PuTTY before 0.75); passphrases of pem and ppk2 are quick to guess
    --rounds(-a): string      # Rounds that make guessing the passphrase slow, 6 ms each [default: 24]
    --cipher(-Z): string@"nu-complete keyfob generate cipher" # The cipher of the private half, as ssh -Q cipher lists them [default: aes256-ctr]
    --rfc4716                 # Write the public half in the form of RFC 4716 too (NAME.pub.rfc4716)
    --add                     # Add it to the agent as well
    --save                    # Make it in the key store, under this name: its private half never is a file
    --lifetime: string        # With --add: the agent forgets it after this time (30, 10m, 1h30m, 2d, 1w); with --save: so does an unlocked store
    --confirm                 # With --add or --save: the agent asks before each use
    --force                   # Replace files of this name without a question
    --weak                    # Make an RSA key of 1024 to 2047 bits
    --json                    # Tell the result as JSON
    --quiet(-q)               # Say nothing when all went well
    --store-passphrase-file: path # The passphrase of the key store is the first line of this file (- for a line of standard input)
    --help(-h)                # Print help
    name?: path               # A name in ~/.ssh, or a path [default: ~/.ssh/id_TYPE]
  ]

  def "nu-complete keyfob inspect fingerprint_hash" [] {
    [ "sha256" "md5" ]
  }

  # Tell what is in key files, and what is wrong with them
  export extern "keyfob inspect" [
    --json                    # As JSON
    --fingerprint-hash(-E): string@"nu-complete keyfob inspect fingerprint_hash" # The hash of fingerprints [default: both]
    --strict                  # Fail if there is a warning
    --help(-h)                # Print help
    ...files: path            # Key files, private or public (- for standard input)
  ]

  def "nu-complete keyfob convert to" [] {
    [ "openssh" "pem" "pkcs8" "ppk" "ppk2" "line" "rfc4716" ]
  }

  def "nu-complete keyfob convert cipher" [] {
    [ "3des-cbc" "aes128-cbc" "aes192-cbc" "aes256-cbc" "aes128-ctr" "aes192-ctr" "aes256-ctr" "aes128-gcm@openssh.com" "aes256-gcm@openssh.com" "chacha20-poly1305@openssh.com" ]
  }

  # Write a key in another format
  export extern "keyfob convert" [
    --to: string@"nu-complete keyfob convert to" # The format to write; pem and pkcs8 mean the public form for a public key
    --output(-o): path        # Write here (- for standard output); public keys go to standard output by default
    --force(-f)               # Replace a file that is there, without a question
    --no-clobber(-n)          # Never replace a file, and do not ask
    --new-passphrase          # Ask for a new passphrase instead of keeping the one there is
    --new-passphrase-file: path # The new passphrase is the first line of this file (- for a line of standard input)
    --no-passphrase           # Leave the passphrase out: whoever can read the file can use the key
    --passphrase-file: path   # The passphrase is the first line of this file (- for a line of standard input)
    --allow-slow              # Open a file even if that takes minutes
    --cipher(-Z): string@"nu-complete keyfob convert cipher" # The cipher of an OpenSSH file
    --rounds(-a): string      # Rounds of an OpenSSH file's key derivation: more make guessing slower, and opening too
    --help(-h)                # Print help (see more with '--help')
    file: path                # The key file, private or public (- for standard input)
  ]

  def "nu-complete keyfob passphrase cipher" [] {
    [ "3des-cbc" "aes128-cbc" "aes192-cbc" "aes256-cbc" "aes128-ctr" "aes192-ctr" "aes256-ctr" "aes128-gcm@openssh.com" "aes256-gcm@openssh.com" "chacha20-poly1305@openssh.com" ]
  }

  # Change, set or remove the passphrase of a private key file, or change that of the key store
  export extern "keyfob passphrase" [
    --remove                  # Have no passphrase
    --new-passphrase-file: path # The new passphrase is the first line of this file (- for a line of standard input)
    --store                   # That of the key store
    --recovery-code           # Open the key store with its recovery code instead of its passphrase
    --recovery-code-file: path # The same, and the code is the first line of this file (- for a line of standard input)
    --passphrase-file: path   # The passphrase is the first line of this file (- for a line of standard input)
    --allow-slow              # Open a file even if that takes minutes
    --cipher(-Z): string@"nu-complete keyfob passphrase cipher" # The cipher of an OpenSSH file
    --rounds(-a): string      # Rounds of an OpenSSH file's key derivation: more make guessing slower, and opening too
    --store-passphrase-file: path # The passphrase of the key store is the first line of this file (- for a line of standard input)
    --memory: string          # Memory a guess at the key store's passphrase takes, 64M to 1G [default: what takes this machine half a second to a second]
    --help(-h)                # Print help
    file?: path               # The private key file
  ]

  # Change the comment of a key file and of the .pub file beside it
  export extern "keyfob comment" [
    --passphrase-file: path   # The passphrase is the first line of this file (- for a line of standard input)
    --allow-slow              # Open a file even if that takes minutes
    --help(-h)                # Print help
    file: path                # The key file, private or public
    text: string              # The comment; '' for none
  ]

  # Print the public half of a key, or copy it to the clipboard
  export extern "keyfob public" [
    --rfc4716                 # In the form of RFC 4716 (BEGIN SSH2 PUBLIC KEY)
    --pem                     # As PEM (BEGIN RSA PUBLIC KEY)
    --pkcs8                   # As SubjectPublicKeyInfo (BEGIN PUBLIC KEY)
    --copy                    # Copy it to the clipboard instead of printing it
    --passphrase-file: path   # The passphrase is the first line of this file (- for a line of standard input)
    --allow-slow              # Open a file even if that takes minutes
    --help(-h)                # Print help
    file: path                # The key file, private or public (- for standard input)
  ]

  # Install public keys on a server, so that they open it
  export extern "keyfob copy-id" [
    --identity(-i): path      # Install the key of this file, private or public; may be repeated [default: the agent's keys, else the newest of the usual files in ~/.ssh]
    --port(-p): string        # The port of the SSH server
    --option(-o): string      # An option for ssh, as in its configuration; may be repeated
    --dry-run(-n)             # Only show what would be installed
    --help(-h)                # Print help
    host: string              # The server, and the user there: [USER@]HOST, as for ssh
  ]

  # Make the key store, where keys outlive the session
  export extern "keyfob init" [
    --store-passphrase-file: path # The passphrase of the key store is the first line of this file (- for a line of standard input)
    --memory: string          # Memory a guess at the passphrase takes, 64M to 1G [default: what takes this machine half a second to a second]
    --recovery-file: path     # Write the recovery code into this new file, for you alone, instead of showing it (- for standard output)
    --json                    # Tell the result as JSON
    --help(-h)                # Print help
  ]

  def "nu-complete keyfob import from" [] {
    [ "ssh-agent-config" "gpg-agent" "keepassxc" ]
  }

  # Take keys into the key store: files, folders, what ssh is configured with
  export extern "keyfob import" [
    --from: string@"nu-complete keyfob import from" # Find the keys there instead: what ~/.ssh/config names and ~/.ssh holds; of the others it says what can be done
    --yes(-y)                 # Ask nothing before it begins
    --json                    # Tell the result as JSON
    --store-passphrase-file: path # The passphrase of the key store is the first line of this file (- for a line of standard input)
    --passphrase-file: path   # The passphrase is the first line of this file (- for a line of standard input)
    --allow-slow              # Open a file even if that takes minutes
    --help(-h)                # Print help (see more with '--help')
    ...paths: path            # Key files of any format, and folders with them
  ]

  def "nu-complete keyfob export format" [] {
    [ "openssh" "pem" "pkcs8" "ppk" "ppk2" ]
  }

  # Write a key of the key store into a file
  export extern "keyfob export" [
    --format: string@"nu-complete keyfob export format" # The format of the file
    --output(-o): path        # Write here (- for standard output)
    --force(-f)               # Replace a file that is there, without a question
    --new-passphrase-file: path # The passphrase of the new file is the first line of this file (- for a line of standard input)
    --no-passphrase           # Leave a passphrase out: whoever can read the file can use the key
    --store-passphrase-file: path # The passphrase of the key store is the first line of this file (- for a line of standard input)
    --help(-h)                # Print help (see more with '--help')
    name: string              # The key, as keyfob list --store calls it
  ]

  # Call a key of the key store by another name
  export extern "keyfob rename" [
    --store-passphrase-file: path # The passphrase of the key store is the first line of this file (- for a line of standard input)
    --help(-h)                # Print help
    from: string              # The key, as keyfob list --store calls it
    to: string                # Its new name: letters, digits and - _ . @ + =
  ]

  # Delete keys from the key store
  export extern "keyfob delete" [
    --yes(-y)                 # Ask nothing before it begins
    --store-passphrase-file: path # The passphrase of the key store is the first line of this file (- for a line of standard input)
    --help(-h)                # Print help
    ...names: string          # The keys, as keyfob list --store calls them
  ]

  # Change the rules of a key of the key store: lifetime, confirmation, hosts
  export extern "keyfob set" [
    --lifetime(-t): string    # Ask for the passphrase of the store again when it was open so long (30, 10m, 1h30m, 2d, 1w), or none
    --idle: string            # Ask for it again when the key was not used for so long, or none
    --confirm(-c)             # Ask before each use
    --no-confirm              # Do not ask before each use
    --host: string            # Use it only for this host ([USER@]HOST), or from one host to the next (FROM>[USER@]TO); may be repeated, and replaces all there were; or any
    --known-hosts(-H): path   # Look host keys up in this known hosts file; may be repeated
    --comment(-C): string     # The comment; '' for none
    --certificate: path       # The certificate in this file, or none
    --store-passphrase-file: path # The passphrase of the key store is the first line of this file (- for a line of standard input)
    --help(-h)                # Print help
    name: string              # The key, as keyfob list --store calls it
  ]

  def "nu-complete keyfob recovery what" [] {
    [ "new" ]
  }

  # Make a new recovery code for the key store
  export extern "keyfob recovery" [
    --recovery-file: path     # Write the recovery code into this new file, for you alone, instead of showing it (- for standard output)
    --store-passphrase-file: path # The passphrase of the key store is the first line of this file (- for a line of standard input)
    --help(-h)                # Print help (see more with '--help')
    what: string@"nu-complete keyfob recovery what" # What is to be done
  ]

  def "nu-complete keyfob account wish" [] {
    [ "add" "remove" ]
  }

  # Let the login of your account open the key store without its passphrase, or take that back
  export extern "keyfob account" [
    --yes(-y)                 # Ask nothing before it is done
    --store-passphrase-file: path # The passphrase of the key store is the first line of this file (- for a line of standard input)
    --help(-h)                # Print help (see more with '--help')
    wish: string@"nu-complete keyfob account wish" # What is to be done
  ]

  # Seal everything in the key store anew, so that old passphrases and codes open nothing newer
  export extern "keyfob rekey" [
    --keep-passphrase         # Keep the passphrase; a new one is asked for otherwise
    --new-passphrase-file: path # The new passphrase is the first line of this file (- for a line of standard input)
    --memory: string          # Memory a guess at the key store's passphrase takes, 64M to 1G [default: what takes this machine half a second to a second]
    --recovery-file: path     # Write the recovery code into this new file, for you alone, instead of showing it (- for standard output)
    --yes(-y)                 # Ask nothing before it begins
    --store-passphrase-file: path # The passphrase of the key store is the first line of this file (- for a line of standard input)
    --recovery-code           # Open the key store with its recovery code instead of its passphrase
    --recovery-code-file: path # The same, and the code is the first line of this file (- for a line of standard input)
    --help(-h)                # Print help
  ]

  # Prove every file of the key store, and tell what is not as it should be
  export extern "keyfob check" [
    --accept                  # Take the store as it is, though this machine has seen a newer one or another root key
    --repair                  # Mend what can be mended; says what it will do, and asks
    --yes(-y)                 # With --accept or --repair: ask nothing before it begins; what --repair asks for one by one is left and named
    --risky                   # With --repair --yes: do that too: give missing keys up, take older versions back, keep ways to unlock that are not in the list
    --json                    # Tell the result as JSON
    --store-passphrase-file: path # The passphrase of the key store is the first line of this file (- for a line of standard input)
    --recovery-code           # Open the key store with its recovery code instead of its passphrase
    --recovery-code-file: path # The same, and the code is the first line of this file (- for a line of standard input)
    --help(-h)                # Print help
  ]

  # Write the whole key store into one file, sealed as it is
  export extern "keyfob backup" [
    --force(-f)               # Replace a file that is there, without a question
    --help(-h)                # Print help
    file: path                # The file (- for standard output)
  ]

  # Put a backup in the place of the key store; what is there is kept beside it
  export extern "keyfob restore" [
    --yes(-y)                 # Ask nothing before it begins
    --store-passphrase-file: path # The passphrase of the key store is the first line of this file (- for a line of standard input)
    --recovery-code           # Open the key store with its recovery code instead of its passphrase
    --recovery-code-file: path # The same, and the code is the first line of this file (- for a line of standard input)
    --help(-h)                # Print help
    file: path                # The backup
  ]

  # Look for what keeps ssh from the agent, and for keys that are not safe
  export extern "keyfob doctor" [
    --all                     # Show what is fine too
    --json                    # As JSON: a list of everything that was looked at
    --strict                  # Let a warning count as something wrong
    --host: string            # Ask ssh what holds for this host, [USER@]HOST[:PORT]
    --help(-h)                # Print help
  ]

  # Tell of the settings file: where it is, whether it is right, what it comes to
  export extern "keyfob config" [
    --help(-h)                # Print help
  ]

  # Tell whether the settings file is right, and if not where
  export extern "keyfob config check" [
    --json                    # As JSON
    --help(-h)                # Print help
    file?: path               # Another file than the agent's
  ]

  # Print every setting with the value that counts
  export extern "keyfob config show" [
    --json                    # As JSON
    --help(-h)                # Print help
  ]

  # Print where the settings file is
  export extern "keyfob config path" [
    --help(-h)                # Print help
  ]

  def "nu-complete keyfob setup shell" [] {
    [ "bash" "zsh" "sh" "ksh" "csh" "tcsh" "fish" "powershell" ]
  }

  # Set everything up, step by step: keys, key store, start at login, a login to test it
  export extern "keyfob setup" [
    --dry-run(-n)             # Only show what would be done
    --yes(-y)                 # Ask nothing but passphrases: make the key store, import keys or make one, install
    --json                    # Tell what was done as JSON
    --store                   # Make the key store, if there is none
    --no-store                # Do without a key store
    --store-passphrase-file: path # The passphrase of the key store is the first line of this file (- for a line of standard input)
    --memory: string          # Memory a guess at the passphrase of a new store takes, 64M to 1G [default: what suits this machine]
    --recovery-file: path     # Write the recovery code into this new file, for you alone, instead of showing it (- for standard output)
    --import                  # Take the keys that are found into the store
    --link                    # Leave them in their files, and have the store remember where, and the passphrases
    --generate                # Make a key (ed25519) where none is found
    --no-keys                 # Take no key in, and make none
    --passphrase-file: path   # The passphrase is the first line of this file (- for a line of standard input)
    --allow-slow              # Open a file even if that takes minutes
    --install                 # Make the agent start by itself, as keyfob install does; without systemd by the shell's start file
    --no-install              # Do not
    --shell: string@"nu-complete keyfob setup shell" # The same, and add the line to the start file of a shell in any case [default: the login shell]
    --test: string            # Log in there (ssh -T), to see that it works
    --no-test                 # Do not ask for such a host
    --help(-h)                # Print help (see more with '--help')
    ...paths: path            # Key files, and folders with them [default: what ~/.ssh/config names and ~/.ssh holds]
  ]

  def "nu-complete keyfob install shell" [] {
    [ "bash" "zsh" "sh" "ksh" "csh" "tcsh" "fish" "powershell" ]
  }

  # Make the agent start at login, and every program find it
  export extern "keyfob install" [
    --drop-in: directory      # Also link ssh-agent, ssh-add and ssh-keygen to keyfob, in this folder
    --shell: string@"nu-complete keyfob install shell" # Also add the line with `keyfob env` to the start file of a shell [default: the login shell]
    --dry-run(-n)             # Only show every file with its content and every command
    --yes(-y)                 # Ask nothing: replace what is in the way, which is kept beside it, and end an agent with keys
    --json                    # Tell what was done as JSON
    --help(-h)                # Print help (see more with '--help')
  ]

  # Take away what install put there; keys and settings stay
  export extern "keyfob uninstall" [
    --drop-in: directory      # Also remove links to keyfob from this folder, which nobody remembers any more
    --dry-run(-n)             # Only show every file with its content and every command
    --yes(-y)                 # Ask nothing: replace what is in the way, which is kept beside it, and end an agent with keys
    --json                    # Tell what was done as JSON
    --help(-h)                # Print help
  ]

  def "nu-complete keyfob completions shell" [] {
    [ "bash" "elvish" "fish" "nushell" "powershell" "zsh" ]
  }

  # Print completions for a shell
  export extern "keyfob completions" [
    --help(-h)                # Print help (see more with '--help')
    shell: string@"nu-complete keyfob completions shell" # The shell
  ]

  def "nu-complete keyfob help words" [] {
    [ "from-ssh-agent" "from-gpg-agent" "from-pageant" "from-keychain" "env" "agent" "add" "list" "remove" "lock" "unlock" "status" "watch" "relay" "why" "log" "hosts" "explain" "test" "generate" "inspect" "convert" "passphrase" "comment" "public" "copy-id" "init" "import" "export" "rename" "delete" "set" "recovery" "account" "rekey" "check" "backup" "restore" "doctor" "config" "setup" "install" "uninstall" "completions" "help" "man" ]
  }

  # Print help on a topic or a command; without one, which topics there are
  export extern "keyfob help" [
    --help(-h)                # Print help
    ...words: string@"nu-complete keyfob help words" # A topic such as from-ssh-agent, or a command
  ]

  # Print the manual page, or write all of them into a folder
  export extern "keyfob man" [
    --help(-h)                # Print help
    directory?: directory     # The folder
  ]

}

export use completions *
