package storetest

import (
	"context"
	"slices"
)

// spare is how many databases are made at most before one that is being emptied is waited for.
const spare = 8

// take gives a database that is as new.
func (s *server) take(ctx context.Context) (string, error) {
	s.mu.Lock()
	for len(s.ready) == 0 && s.emptying > 0 && len(s.owned) >= spare {
		s.changed.Wait()
	}
	if n := len(s.ready); n > 0 {
		name := s.ready[n-1]
		s.ready = s.ready[:n-1]
		s.mu.Unlock()
		return name, nil
	}
	first := s.fresh == nil && s.reuses
	s.mu.Unlock()
	name, err := s.create(ctx, s.template)
	if err != nil || !first {
		return name, err
	}
	fresh, err := pictureOf(ctx, onDatabase(s.admin, name))
	s.mu.Lock()
	s.fresh = fresh
	s.mu.Unlock()
	return name, err
}

// giveBack has a database emptied behind its test's back. One that is not wholly as new afterwards is dropped.
func (s *server) giveBack(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fresh := s.fresh
	s.emptying++
	go func() {
		as := s.asNew(name, fresh)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.emptying--
		if as {
			s.ready = append(s.ready, name)
		}
		s.changed.Broadcast()
	}()
}

func (s *server) asNew(name string, fresh *picture) bool {
	ctx := context.Background()
	if fresh != nil {
		if left, err := empty(ctx, onDatabase(s.admin, name), fresh); err == nil && len(left) == 0 {
			return true
		}
	}
	_ = s.drop(ctx, name) // tried again by the next run
	return false
}

// differences names what differs between two pictures.
func differences(a, b *picture) []string {
	var out []string
	for what, is := range a.facts {
		if b.facts[what] != is {
			out = append(out, what)
		}
	}
	for what := range b.facts {
		if _, both := a.facts[what]; !both {
			out = append(out, what)
		}
	}
	slices.Sort(out)
	return out
}
