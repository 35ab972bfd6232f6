package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"

	"onecard/models"
)

// openJobs makes the insert-only client. The working one is boot's (RiverClient).
func (db *DB) openJobs() (err error) {
	db.insert, err = db.RiverClient(&river.Config{Logger: db.log})
	return err
}

// RiverClient makes a client on this database's writing pool: with queues and workers it works, without it inserts.
func (db *DB) RiverClient(cfg *river.Config) (*river.Client[*sql.Tx], error) {
	if db.driver == SQLite {
		return river.NewClient(riversqlite.New(db.writer), cfg)
	}
	return river.NewClient(riverdatabasesql.NewWithPgxListener(db.writer, db.pool), cfg)
}

// unfinished are the states in which a job stands in the way of a second one like it (models.JobOnce).
var unfinished = []rivertype.JobState{
	rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
	rivertype.JobStateRunning, rivertype.JobStateScheduled,
}

// Enqueue inserts the job in the transaction of ctx: it runs if and only if that commits, and at least once.
// Its fields are ids only: they are stored readable. Outside a transaction it is a commit of its own.
func (db *DB) Enqueue(ctx context.Context, job models.Job) error {
	countStatement(ctx)
	opts := jobOpts(job)
	st := db.txFrom(ctx)
	if st == nil {
		_, err := db.insert.Insert(ctx, job, opts)
		return jobError(job, err)
	}
	tx, ok := st.orm.Statement.ConnPool.(*sql.Tx)
	if !ok {
		return errors.New("the transaction is wrapped; jobs need the bare one (is PrepareStmt on?)")
	}
	_, err := db.insert.InsertTx(ctx, tx, job, opts)
	return jobError(job, err)
}

func jobOpts(job models.Job) *river.InsertOpts {
	opts := &river.InsertOpts{}
	if j, ok := job.(models.JobWithLane); ok {
		opts.Queue = j.Lane()
	}
	if j, ok := job.(models.JobNotBefore); ok {
		opts.ScheduledAt = j.NotBefore()
	}
	if j, ok := job.(models.JobOnce); ok && j.Once() {
		opts.UniqueOpts = river.UniqueOpts{ByArgs: true, ByState: unfinished}
	}
	return opts
}

func jobError(job models.Job, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("enqueue %s: %w", job.Kind(), translate(err))
}

// EnqueueAll is Enqueue for many jobs of one decision: one statement on PostgreSQL, however many. It needs a transaction.
func (db *DB) EnqueueAll(ctx context.Context, jobs []models.Job) error {
	if len(jobs) == 0 {
		return nil
	}
	st := db.txFrom(ctx)
	if st == nil {
		return errors.New("the jobs of a decision belong into its transaction")
	}
	tx, ok := st.orm.Statement.ConnPool.(*sql.Tx)
	if !ok {
		return errors.New("the transaction is wrapped; jobs need the bare one (is PrepareStmt on?)")
	}
	countStatement(ctx)
	list := make([]river.InsertManyParams, len(jobs))
	for i, j := range jobs {
		list[i] = river.InsertManyParams{Args: j, InsertOpts: jobOpts(j)}
	}
	_, err := db.insert.InsertManyFastTx(ctx, tx, list)
	return jobError(jobs[0], err)
}
