// Package bench measures the product beside bare baselines on the machine it runs on: the same data, the same servers,
// processes of their own, in turns. What counts is the ratio inside one round and CPU time per request, service, database
// and Redis together; rates and latencies are printed beside it and never judged alone.
package bench

import (
	"errors"
	"time"
)

// Options say what is measured and where. Zero values take the defaults of Defaults.
type Options struct {
	Postgres string        // DSN of a role that may create databases; the bench makes one of its own and drops it
	Redis    string        // host:port; every key has a prefix of the bench's own
	Binary   string        // the product's program
	Rounds   int           // how often the cases take turns
	Each     time.Duration // how long each case runs in a round
	Conns    int           // connections of the load
	Rows     int           // payments in the tables
	JSON     bool          // lines of JSON instead of a table
}

// ErrNeedsServers says that there is nothing to measure on: the gates are PostgreSQL's.
var ErrNeedsServers = errors.New("bench needs real servers on this machine: set ONECARD_BENCH_POSTGRES to a DSN that may create databases and ONECARD_BENCH_REDIS to host:port")

func (o Options) withDefaults() (Options, error) {
	if o.Postgres == "" || o.Redis == "" {
		return o, ErrNeedsServers
	}
	if o.Rounds == 0 {
		o.Rounds = 5
	}
	if o.Each == 0 {
		o.Each = 3 * time.Second
	}
	if o.Conns == 0 {
		o.Conns = 16
	}
	if o.Rows == 0 {
		o.Rows = 1_000_000
	}
	return o, nil
}
