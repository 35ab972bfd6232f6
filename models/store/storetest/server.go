package storetest

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"

	"onecard/models/store"
)

// server is PostgreSQL with the databases of this process. A database is not dropped after its test, for which the server
// would write a checkpoint and a new one copy a thousand files: it is emptied, compared with a new one, and used again.
type server struct {
	once     sync.Once
	failed   error
	admin    string
	template string
	run      uint32    // names this process's databases
	alive    *pgx.Conn // holds the lock that says that they are in use
	reuses   bool      // only a superuser can empty a database wholly

	mu       sync.Mutex
	changed  *sync.Cond
	made     int
	fresh    *picture
	ready    []string
	owned    map[string]bool
	emptying int
}

var theServer = newServer()

func newServer() *server {
	s := &server{owned: map[string]bool{}}
	s.changed = sync.NewCond(&s.mu)
	return s
}

// Locks are looked for in all databases of the server, by these.
const (
	templateLock = 0x6f6e6574706c   // held while a template is made, so that test binaries running at once make it once
	aliveLock    = uint32(0x6f6e65) // with a run beside it: its databases are in use
)

func (s *server) begin(ctx context.Context, admin string) error {
	s.once.Do(func() { s.failed = s.connect(ctx, admin) })
	return s.failed
}

func (s *server) connect(ctx context.Context, admin string) (err error) {
	s.admin = admin
	if s.alive, err = pgx.Connect(ctx, admin); err != nil {
		return fmt.Errorf("%s: %w", EnvPostgres, err)
	}
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails
	s.run = binary.BigEndian.Uint32(b[:])
	if _, err = s.alive.Exec(ctx, "SELECT pg_advisory_lock($1, $2)", int32(aliveLock), int32(s.run)); err != nil {
		return err
	}
	if err = s.alive.QueryRow(ctx, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user").Scan(&s.reuses); err != nil {
		return err
	}
	if _, err = s.alive.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(templateLock)); err != nil {
		return err
	}
	dropLeftovers(ctx, s.alive, s.admin)
	err = s.makeTemplate(ctx)
	_, unlocked := s.alive.Exec(ctx, "SELECT pg_advisory_unlock($1)", int64(templateLock))
	return errors.Join(err, unlocked)
}

// makeTemplate makes a migrated database; its name says for which migrations. One that was left half made is not marked as
// a template and is made again.
func (s *server) makeTemplate(ctx context.Context) error {
	hash, err := store.MigrationsHash(store.Postgres)
	if err != nil {
		return err
	}
	s.template = "onecard_template_" + hash
	var ready bool
	err = s.alive.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1 AND datistemplate)", s.template).Scan(&ready)
	if err != nil || ready {
		return err
	}
	for _, statement := range []string{"DROP DATABASE IF EXISTS " + s.template + " WITH (FORCE)", "CREATE DATABASE " + s.template} {
		if _, err = s.alive.Exec(ctx, statement); err != nil {
			return err
		}
	}
	cfg := Config()
	cfg.Driver, cfg.DSN = store.Postgres, onDatabase(s.admin, s.template)
	if err = migrated(ctx, cfg); err != nil {
		return err
	}
	_, err = s.alive.Exec(ctx, "ALTER DATABASE "+s.template+" IS_TEMPLATE true ALLOW_CONNECTIONS false")
	return err
}

// create makes a database of this process, empty or like a template.
func (s *server) create(ctx context.Context, template string) (string, error) {
	s.mu.Lock()
	s.made++
	name := fmt.Sprintf("onecard_test_%08x_%d", s.run, s.made)
	s.owned[name] = true
	s.mu.Unlock()
	statement := "CREATE DATABASE " + name
	if template != "" {
		statement += " TEMPLATE " + template
	}
	return name, execute(ctx, s.admin, statement)
}

func (s *server) drop(ctx context.Context, name string) error {
	s.mu.Lock()
	delete(s.owned, name)
	s.mu.Unlock()
	return execute(ctx, s.admin, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
}

// finish drops what is left, all at once: drops that wait for a checkpoint together share it.
func (s *server) finish(ctx context.Context) error {
	s.mu.Lock()
	for s.emptying > 0 {
		s.changed.Wait()
	}
	names := make([]string, 0, len(s.owned))
	for name := range s.owned {
		names = append(names, name)
	}
	s.mu.Unlock()
	failed := make([]error, len(names)+1)
	var wg sync.WaitGroup
	for i, name := range names {
		wg.Go(func() { failed[i] = s.drop(ctx, name) })
	}
	wg.Wait()
	if s.alive != nil {
		failed[len(names)] = s.alive.Close(ctx)
	}
	return errors.Join(failed...)
}
