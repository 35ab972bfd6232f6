package models

import "time"

// Job is background work that is not a row's own state. Its fields are ids only; the store inserts it in the
// transaction of the decision that caused it.
type Job interface{ Kind() string }

// JobWithLane puts a job into a queue other than the default one.
type JobWithLane interface{ Lane() string }

// JobNotBefore delays a job.
type JobNotBefore interface{ NotBefore() time.Time }

// JobWithTime gives a job longer than the time of any other.
type JobWithTime interface{ Takes() time.Duration }

// JobOnce makes a second insert with the same kind and fields do nothing while the first is unfinished.
type JobOnce interface{ Once() bool }
