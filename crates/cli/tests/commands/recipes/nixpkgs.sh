# shellcheck shell=bash disable=SC2154 # where to is said by who runs it
# What Nix gives a recipe to install with, as strict as it is there: a file that is missing ends it.
set -euo pipefail

installManPage() {
    local page
    for page in "$@"; do
        install -Dm644 -t "$out/share/man/man${page##*.}" "$page"
    done
}

# installShellCompletion --cmd NAME {--SHELL FILE}...
installShellCompletion() {
    local name=$2
    shift 2
    while [ $# != 0 ]; do
        install -Dm644 "$2" "$out/completions/${1#--}/$name"
        shift 2
    done
}

# substituteInPlace FILE... --replace-fail WHAT BY
substituteInPlace() {
    local files=()
    while [ "$1" != --replace-fail ]; do
        files+=("$1")
        shift
    done
    grep -qF -- "$2" "${files[@]}"
    sed -i "s|$2|$3|g" "${files[@]}"
}
