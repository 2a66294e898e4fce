#!/bin/sh
# archive_command = 'sh /path/to/archive-wal.sh %p %f /backups/wal'
# Copies one WAL file whole or not at all, and never over another of the same name. Other than 0: PostgreSQL tries again.
set -eu
from=$1 name=$2 archive=$3
if [ -e "$archive/$name" ]; then
  cmp -s "$from" "$archive/$name" && exit 0
  echo "archive-wal: $archive/$name exists with other content" >&2
  exit 1
fi
cp "$from" "$archive/.$name.part"
sync "$archive/.$name.part"
mv "$archive/.$name.part" "$archive/$name"
sync "$archive"
