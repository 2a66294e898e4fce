#!/bin/sh
# make-root.sh FOLDER: what an image holds besides the application, as the root folder of one: Node, the libraries that
# it is linked with, the command b2b, and a user without rights. No shell, no package manager, nothing else to find holes in. Prints the
# Debian packages that the libraries came from, "name version" a line.
set -eu
root=$1
node=$(command -v node)

mkdir -p "$root/usr/local/bin" "$root/etc" "$root/tmp"
chmod 1777 "$root/tmp"
cp "$node" "$root/usr/local/bin/node"
# There is no env in the image, which the first line of scripts/b2b.ts asks for.
printf '#!/usr/local/bin/node\nimport("/app/scripts/b2b.ts");\n' >"$root/usr/local/bin/b2b"
chmod 755 "$root/usr/local/bin/b2b"
printf 'root:x:0:0::/root:/none\nnode:x:1000:1000::/tmp:/none\n' >"$root/etc/passwd"
printf 'root:x:0:\nnode:x:1000:\n' >"$root/etc/group"

for library in $(ldd "$node" | grep -o '/[^ ]*'); do
  cp -L --parents "$library" "$root"
  dpkg-query -S "*/$(basename "$library")" | grep -v '^diversion' | cut -d: -f1
done | sort -u | xargs dpkg-query -W -f '${Package} ${Version}\n'
