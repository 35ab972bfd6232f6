package boot

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"onecard/configs"
)

// Run does what the roles say until ctx is over, then stops in order: no new traffic, running requests, running jobs.
func (a *App) Run(ctx context.Context) error {
	var done sync.WaitGroup
	errs := make(chan error, 3)
	workCtx, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	taking, stopTaking := context.WithCancel(ctx) // a payday ends with the signal: it lasts long, and nobody waits for it
	defer stopTaking()
	stopJobs := func() error { return nil }
	if a.roles.Work {
		if err := a.holdAfterRestore(ctx); err != nil {
			return err
		}
		jobs, err := a.openJobs()
		if err != nil {
			return err
		}
		if err := jobs.Start(workCtx); err != nil {
			return err
		}
		for _, l := range a.loops() {
			if l.name == paydayLoop {
				done.Go(func() { a.run(taking, l) })
				continue
			}
			done.Go(func() { a.run(workCtx, l) })
		}
		stopJobs = func() error { return stopRiver(jobs, a.cfg.HTTP.JobStopTimeout) }
	}
	var servers []*http.Server
	if a.roles.API {
		servers = append(servers, a.serve(errs))
		done.Go(func() { a.run(workCtx, loop{"what lists stand on", "", refreshEvery, a.refresh}) })
	}
	if a.metrics != nil {
		m := &http.Server{Handler: a.metricsPage(), ReadHeaderTimeout: 5 * time.Second}
		go func() { errs <- ignoreServerClosed(m.Serve(a.metrics)) }()
		servers = append(servers, m)
	}
	var failed error
	select {
	case <-ctx.Done():
	case failed = <-errs:
		stopTaking()
	}
	if a.roles.API {
		a.server.Draining(true)
		a.drain()
		a.server.EndStreams()
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.cfg.HTTP.FinishTimeout)
	defer cancel()
	for _, s := range servers {
		if err := s.Shutdown(stopping); err != nil {
			failed = errors.Join(failed, s.Close())
		}
	}
	failed = errors.Join(failed, stopJobs())
	stopWork()
	done.Wait()
	return failed
}

// riverClient is what stopping needs of River.
type riverClient interface {
	Stop(ctx context.Context) error
	StopAndCancel(ctx context.Context) error
}

// stopRiver lets running jobs finish, then cancels them; a job that was cut runs again after its rescue.
func stopRiver(c riverClient, wait time.Duration) error {
	soft, cancel := context.WithTimeout(context.Background(), wait)
	defer cancel()
	if err := c.Stop(soft); err == nil {
		return nil
	}
	hard, cancelHard := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancelHard()
	return c.StopAndCancel(hard)
}

func (a *App) serve(errs chan<- error) *http.Server {
	h := a.cfg.HTTP
	s := &http.Server{
		Handler: a.server.Handler(), ReadHeaderTimeout: h.ReadHeaderTimeout, ReadTimeout: h.ReadTimeout, WriteTimeout: h.WriteTimeout,
		IdleTimeout: h.IdleTimeout, MaxHeaderBytes: 32 << 10, ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}
	go func() { errs <- ignoreServerClosed(s.Serve(a.listener)) }()
	return s
}

// drain gives load balancers the time to see /readyz fail.
func (a *App) drain() {
	t := time.NewTimer(a.cfg.HTTP.DrainWait)
	defer t.Stop()
	<-t.C
}

func (a *App) metricsPage() http.Handler {
	mux := http.NewServeMux()
	if a.server != nil {
		mux.Handle("/metrics", a.server.Metrics())
	}
	mux.Handle("/metrics/work", promhttp.HandlerFor(a.watch.registry, promhttp.HandlerOpts{})) // in every role
	return mux
}

func ignoreServerClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// NewLog is the log the settings ask for, on standard error.
func NewLog(cfg configs.Log) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(cfg.Level)) // checked by Validate
	o := &slog.HandlerOptions{Level: level}
	if cfg.Format == "text" {
		return slog.New(slog.NewTextHandler(os.Stderr, o))
	}
	return slog.New(slog.NewJSONHandler(os.Stderr, o))
}
