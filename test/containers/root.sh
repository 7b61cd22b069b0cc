#!/bin/bash
# root.sh DIR NODE FOLDER PROGRAM…: makes in DIR a root folder with that node, what each program is linked with, and
# k8s-run (bin and dist of FOLDER) in /opt/k8s-run. No registry is asked.
set -euo pipefail
root=$1 node=$2 folder=$3
shift 3

copy() { # SOURCE PATH-IN-ROOT
  [ -e "$root$2" ] || install -D -m 755 "$1" "$root$2"
}
copy_program() { # SOURCE PATH-IN-ROOT
  local line libraries
  libraries=$(ldd "$1" 2>&1) || true
  while read -r line; do
    case $line in
      *'not found'*) echo "$1: $line" >&2 && exit 1 ;;
      *'=> /'*) line=${line#*=> } && copy "${line%% (*}" "${line%% (*}" ;;
      /*) copy "${line%% (*}" "${line%% (*}" ;;
    esac
  done <<<"$libraries"
  copy "$1" "$2"
}

mkdir -p "$root"/{etc,usr/{bin,lib,lib64,local/bin},opt/k8s-run,proc,sys,dev,tmp}
chmod 1777 "$root/tmp"
for each in bin lib lib64; do ln -s "usr/$each" "$root/$each"; done
printf '%s\n' root:x:0:0:root:/:/bin/sh app:x:1000:1000::/:/bin/sh >"$root/etc/passwd"
printf '%s\n' root:x:0: app:x:1000: >"$root/etc/group"
copy_program "$node" /usr/local/bin/node
for program; do copy_program "$(command -v "$program")" "/usr/bin/${program##*/}"; done
cp -r "$folder/bin" "$folder/dist" "$root/opt/k8s-run/"
cp "$folder/package.json" "$root/opt/k8s-run/"
