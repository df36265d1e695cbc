-- Run once on a restored database, before anything is started on it (docs/operator/backup.md).
-- What waited when the backup was made has been answered or sent since: nobody is to get it again.
DELETE FROM outbox;
UPDATE inbox SET state = 1, payload = NULL, sender_key = NULL, message_key = NULL WHERE state <> 1;
