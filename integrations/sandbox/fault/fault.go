// Package fault makes a pretend platform misbehave when it is told to, so that our side's handling is really exercised.
package fault

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Mode is one way to misbehave.
type Mode string

// The ways.
const (
	Refuse    Mode = "refuse"     // answer with the vendor's own error Code
	Status    Mode = "status"     // answer with an HTTP status and no useful body
	Garbage   Mode = "garbage"    // answer 200 with a page that is not what was asked for
	Delay     Mode = "delay"      // answer correctly, but only after Delay
	Hang      Mode = "hang"       // never answer
	LoseReply Mode = "lose_reply" // do what was asked, then cut the connection
	Cut       Mode = "down"       // cut the connection and do nothing
)

// Failure is what shall happen to a call.
type Failure struct {
	Mode   Mode
	Code   string
	Status int
	Delay  time.Duration
}

// Forever as a count means: until Clear.
const Forever = -1

type order struct {
	path string
	left int
	what Failure
}

// Plan holds the failures still to happen. The zero Plan fails nothing.
type Plan struct {
	mu     sync.Mutex
	orders []*order
}

// Next makes the next n calls of path fail; an empty path means any call. Orders are worked off in sequence.
func (p *Plan) Next(path string, n int, what Failure) error {
	switch what.Mode {
	case Refuse, Status, Garbage, Delay, Hang, LoseReply, Cut:
	default:
		return fmt.Errorf("fault: unknown mode %q", what.Mode)
	}
	if n == 0 {
		n = 1
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.orders = append(p.orders, &order{path: path, left: n, what: what})
	return nil
}

// Order is one failure still to happen.
type Order struct {
	Path string // empty: any
	Left int    // Forever: until cleared
	What Failure
}

// Orders lists the failures still to happen, in the order in which they are worked off.
func (p *Plan) Orders() []Order {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]Order, 0, len(p.orders))
	for _, o := range p.orders {
		out = append(out, Order{o.path, o.left, o.what})
	}
	return out
}

// Ordered reports whether a failure of this very path is still to happen.
func (p *Plan) Ordered(path string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, o := range p.orders {
		if strings.EqualFold(o.path, path) {
			return true
		}
	}
	return false
}

// Clear ends every failure of path; an empty path ends all.
func (p *Plan) Clear(path string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	kept := p.orders[:0]
	for _, o := range p.orders {
		if path != "" && o.path != path {
			kept = append(kept, o)
		}
	}
	p.orders = kept
}

func (p *Plan) take(path string) (Failure, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, o := range p.orders {
		if o.path != "" && !strings.EqualFold(o.path, path) {
			continue
		}
		if o.left > 0 {
			o.left--
		}
		if o.left == 0 {
			p.orders = append(p.orders[:i], p.orders[i+1:]...)
		}
		return o.what, true
	}
	return Failure{}, false
}

// Wrap puts the plan in front of next. name tells which operation a request is; refuse writes the vendor's error body.
func (p *Plan) Wrap(next http.Handler, name func(*http.Request) string, refuse func(http.ResponseWriter, *http.Request, string)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, ok := p.take(name(r))
		if !ok {
			next.ServeHTTP(w, r)
			return
		}
		switch f.Mode {
		case Refuse:
			refuse(w, r, f.Code)
		case Status:
			w.WriteHeader(max(f.Status, 100))
		case Garbage:
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = io.WriteString(w, "<html><body>502 Bad Gateway</body></html>")
		case Delay:
			if wait(r, f.Delay) {
				next.ServeHTTP(w, r)
			}
		case Hang:
			_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, 1<<20)) // a caller's leaving is seen only behind its body
			wait(r, time.Hour)
			panic(http.ErrAbortHandler)
		case LoseReply:
			next.ServeHTTP(unheard{http.Header{}}, r)
			panic(http.ErrAbortHandler)
		case Cut:
			panic(http.ErrAbortHandler)
		}
	})
}

// wait reports whether d passed before the caller gave up.
func wait(r *http.Request, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// unheard takes an answer that nobody will get.
type unheard struct{ header http.Header }

func (u unheard) Header() http.Header         { return u.header }
func (u unheard) Write(b []byte) (int, error) { return len(b), nil }
func (u unheard) WriteHeader(int)             {}
