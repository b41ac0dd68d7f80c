#!/bin/sh
# Keeps one WAL segment in the archive. In postgresql.conf:
#   archive_mode = on
#   archive_command = '/path/to/archive-wal.sh %p %f /path/to/archive'
# Exits with 0 only when the segment is on disk under its final name: Postgres keeps it until then. Keep the archive on
# another disk than the data, preferably on another machine.
set -eu
[ "$#" -eq 3 ] || { echo "usage: archive-wal.sh SEGMENT_PATH SEGMENT_NAME ARCHIVE" >&2; exit 2; }
kept="$3/$2"
if [ -e "$kept" ]; then
  # After a crash Postgres may archive a segment again: equal bytes are fine, different ones are never overwritten.
  cmp -s "$1" "$kept"
  exit
fi
partial="$3/.$2.$$"
trap 'rm -f "$partial"' EXIT
cp "$1" "$partial"
sync "$partial"
mv "$partial" "$kept"
sync "$3"
