package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/crypto/argon2"
)

// The limits of `bench staff` (performance 3).
const (
	logInLimit  = 0.9 // of the rate that the password hash alone allows
	stormLimit  = 1.5 // times the p99 of citizens' reads with nothing beside them
	staffOnFile = 2000
	staffRows   = 100_000
	stormConns  = 64
	stormReads  = 100 // a second
)

// The product's own cost of a password (models/hotline): the baseline must pay the same.
const (
	hashPasses = 2
	hashKiB    = 19 * 1024
)

// serveHashes hashes one password a request, on half of the cores at once, as the product does.
func serveHashes(e *gin.Engine) {
	atOnce := make(chan struct{}, max(1, runtime.NumCPU()/2))
	salt := make([]byte, 16)
	e.GET("/hash", func(c *gin.Context) {
		atOnce <- struct{}{}
		key := argon2.IDKey([]byte(staffPassword), salt, hashPasses, hashKiB, 1, 32)
		<-atOnce
		c.Data(http.StatusOK, "application/json", fmt.Appendf(nil, `{"key":"%x"}`, key))
	})
}

// Staff measures the log-in of staff: its rate beside that of the bare hash, and what citizens who read meanwhile notice of a
// storm of log-ins, right ones, wrong ones and those of nobody.
func Staff(ctx context.Context, o Options, progress io.Writer) (r Report, err error) {
	if o.Rows == 0 {
		o.Rows = staffRows
	}
	if o, err = o.withDefaults(); err != nil {
		return Report{}, err
	}
	w, err := openWorld(ctx, o)
	if err != nil {
		return Report{}, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	fmt.Fprintf(progress, "filling %d payments, %d accounts of staff\n", o.Rows, staffOnFile)
	readers, err := w.seed(ctx, o.Rows, 2000)
	if err != nil {
		return Report{}, err
	}
	if err := w.seedStaff(ctx, staffOnFile); err != nil {
		return Report{}, err
	}
	s := &storm{world: w, readers: readers}
	for round := range o.Rounds {
		if err := s.round(ctx, round); err != nil {
			return Report{}, err
		}
		fmt.Fprintf(progress, "round %d of %d: %s\n", round+1, o.Rounds, s.last)
	}
	r = w.report(ctx, "staff")
	r.Cases = []Case{
		{Name: "bare hash", Rate: spreadOf(s.bare)}, {Name: "log-in of staff", Rate: spreadOf(s.logIns)},
		{Name: "answers to the storm", Rate: spreadOf(s.answers)}, readsCase("citizens' reads, nothing beside them", s.idle), readsCase("citizens' reads beside the storm", s.beside),
	}
	r.Ratios = []Ratio{
		ratio("log-in of staff: rate to the bare hash", quotients(s.logIns, s.bare), logInLimit, true),
		ratio("citizens' reads beside a storm of log-ins: p99 to idle", quotients(p99s(s.beside), p99s(s.idle)), stormLimit, false),
	}
	r.Facts = []Fact{s.odd.fact()}
	return r, nil
}

// storm is what `bench staff` finds, round by round.
type storm struct {
	*world
	readers               []reader
	next                  atomic.Int64 // account: each in turn, because a code opens one session only
	bare, logIns, answers []float64
	idle, beside          []run
	odd                   oddAnswers
	last                  string
}

func (s *storm) round(ctx context.Context, round int) error {
	parts := []func(context.Context) error{s.bareRate, s.logInRate, s.readsBeside}
	for _, i := range turns(len(parts), round) {
		if err := parts[i](ctx); err != nil {
			return err
		}
	}
	n := len(s.idle) - 1
	s.last = fmt.Sprintf("bare hash %.1f/s, log-ins %.1f/s; reads' p99 %.2f ms, beside the storm %.2f ms (%.1f answers/s)",
		s.bare[n], s.logIns[n], s.idle[n].p(0.99), s.beside[n].p(0.99), s.answers[n])
	return nil
}

// bareRate hashes with nothing else.
func (s *storm) bareRate(ctx context.Context) error {
	p, err := s.start(ctx, "/readyz", "bench", "baseline", bareHash)
	if err != nil {
		return err
	}
	defer s.end(p)
	done, err := closed(ctx, p.base, func(int) ask { return ask{path: "/hash"} }, logInConns, s.o.Each)
	s.bare = append(s.bare, done.rate())
	return err
}

// logInConns keep the hash busy and wait for it no longer than the product lets them.
const logInConns = 8

// logInRate logs in with both factors, each time another member.
func (s *storm) logInRate(ctx context.Context) error {
	p, err := s.start(ctx, "/readyz", "serve")
	if err != nil {
		return err
	}
	defer s.end(p)
	done, err := drive(ctx, logInConns, s.o.Each, func(ctx context.Context, client *http.Client, _ int) error {
		status, err := s.logInAs(ctx, client, p.base, staffPassword)
		if err == nil && status != http.StatusCreated {
			err = fmt.Errorf("a log-in was answered with %d", status)
		}
		return err
	})
	s.logIns = append(s.logIns, done.rate())
	return err
}

// readsBeside reads at a fixed rate, first alone and then beside the storm, in one process: uncached lists of arrivals.
func (s *storm) readsBeside(ctx context.Context) error {
	p, err := s.start(ctx, "/readyz", "serve")
	if err != nil {
		return err
	}
	defer s.end(p)
	asks := func(i int) ask { return ask{"/v1/arrivals?state=credited", s.readers[i%len(s.readers)].token} }
	if err := warm(ctx, p.base, asks, len(s.readers)); err != nil {
		return err
	}
	idle, err := s.readsFor(ctx, p, asks)
	if err != nil {
		return err
	}
	type ended struct {
		run
		err error
	}
	over := make(chan ended, 1)
	go func() {
		done, err := drive(ctx, stormConns, s.o.Each+time.Second, func(ctx context.Context, client *http.Client, i int) error {
			return s.oneOfMany(ctx, client, p.base, i)
		})
		over <- ended{done, err}
	}()
	<-time.After(500 * time.Millisecond)
	beside, err := s.readsFor(ctx, p, asks)
	e := <-over
	if err = errors.Join(err, e.err); err != nil {
		return err
	}
	s.idle, s.beside, s.answers = append(s.idle, idle), append(s.beside, beside), append(s.answers, e.rate())
	return nil
}

func (s *storm) readsFor(ctx context.Context, p *process, asks func(int) ask) (run, error) {
	stop := make(chan struct{})
	time.AfterFunc(s.o.Each, func() { close(stop) })
	return steady(ctx, p.base, asks, stormReads, stop)
}

// oneOfMany is a log-in of the storm: a right one, one with a wrong password, one of nobody. Each may be refused, sent away as too
// many, or locked out; nothing else may come.
func (s *storm) oneOfMany(ctx context.Context, client *http.Client, base string, i int) (err error) {
	var status int
	switch i % 3 {
	case 0:
		status, err = s.logInAs(ctx, client, base, staffPassword)
	case 1:
		status, err = s.logInAs(ctx, client, base, "not-the-Password-1")
	default:
		status, err = logIn(ctx, client, base, fmt.Sprintf("nobody-%d", s.next.Add(1)), staffPassword)
	}
	s.odd.count(status)
	return err
}

func readsCase(name string, runs []run) Case {
	c := &readCase{name: name, runs: runs}
	return c.summary()
}

func p99s(runs []run) []float64 {
	out := make([]float64, len(runs))
	for i, r := range runs {
		out[i] = r.p(0.99)
	}
	return out
}

func quotients(ours, base []float64) []float64 {
	out := make([]float64, len(ours))
	for i := range out {
		out[i] = ours[i] / base[i]
	}
	return out
}
