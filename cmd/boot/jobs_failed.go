package boot

import (
	"context"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// FailedJob is a job that was tried as often as it may be. Its arguments are ids, and its error a code of ours.
type FailedJob struct {
	ID       int64     `json:"id"`
	Kind     string    `json:"kind"`
	Attempts int       `json:"attempts"`
	GaveUp   time.Time `json:"gave_up_at"`
	Args     string    `json:"args"`
	Error    string    `json:"error"`
}

func (a *App) failedJobs(ctx context.Context) ([]FailedJob, error) {
	client, err := a.db.RiverClient(&river.Config{Logger: a.log})
	if err != nil {
		return nil, err
	}
	found, err := client.JobList(ctx, river.NewJobListParams().States(rivertype.JobStateDiscarded).First(100))
	if err != nil {
		return nil, err
	}
	out := make([]FailedJob, 0, len(found.Jobs))
	for _, j := range found.Jobs {
		f := FailedJob{ID: j.ID, Kind: j.Kind, Attempts: j.Attempt, Args: string(j.EncodedArgs)}
		if j.FinalizedAt != nil {
			f.GaveUp = j.FinalizedAt.UTC()
		}
		if n := len(j.Errors); n > 0 {
			f.Error = j.Errors[n-1].Error
		}
		out = append(out, f)
	}
	return out, nil
}
