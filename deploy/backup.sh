#!/bin/sh
# A new backup in FOLDER, and none older than DAYS: deploy/backup.sh FOLDER [DAYS]
# What somebody deletes is in yesterday's copy until that is gone, so old ones go even when no new one could be made.
set -u
cd "$(dirname "$0")/.."
folder=$1
days=${2:-29}

.venv/bin/python -m bot backup "$folder/eapline-$(date -u +%Y%m%dT%H%M%SZ).backup"
made=$?
find "$folder" -maxdepth 1 -name 'eapline-*.backup*' -mtime "+$((days - 1))" -delete || exit 1
# Left by a backup that was killed.
find "$folder" -maxdepth 1 -name '.eapline-*.part' -mmin +120 -delete
exit $made
