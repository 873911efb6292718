"""The states of jobs and their chunks, apart from the rows so that who names one does not load the database's library."""

from __future__ import annotations

# A job. It is received (nobody sees it yet), queued, running from the first lease on, and in the end done or, where chunks are dead, failed.
# A cancelled one is about to be deleted.
RECEIVED, QUEUED, RUNNING, DONE, FAILED, CANCELLED = "received", "queued", "running", "done", "failed", "cancelled"
# A chunk is queued, running under a lease, and in the end done or, after its last attempt, dead.
DEAD = "dead"

ACTIVE = (QUEUED, RUNNING)
ENDED = (DONE, FAILED)
VISIBLE = (*ACTIVE, *ENDED)
