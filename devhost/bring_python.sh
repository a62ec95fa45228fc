# Makes .venv with Python 3.13: the machine's own, else one that uv brings, else one line on what to install.
set -eu

is_right() { "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null; }

[ -x .venv/bin/python ] && is_right .venv/bin/python && exit 0
rm -rf .venv
for python in python3.13 "$HOME"/.pyenv/versions/3.13.*/bin/python3.13 python3 python; do
    if command -v "$python" >/dev/null 2>&1 && is_right "$python"; then
        exec "$python" -m venv .venv
    fi
done
echo "no Python 3.13 here: bringing one with uv"
uv=$(command -v uv || true)
if [ -z "$uv" ] && python3 -m venv .tools/uv >/dev/null 2>&1 && .tools/uv/bin/python -m pip install -qq uv; then
    uv=.tools/uv/bin/uv
fi
if [ -n "$uv" ] && "$uv" venv --quiet --seed --python 3.13 .venv 2>/dev/null; then
    exit 0
fi
rm -rf .venv
echo "Please install Python 3.13 with its venv module (https://www.python.org/downloads/), then run make again." >&2
exit 1
