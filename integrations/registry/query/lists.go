package query

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"onecard/integrations/registry"
	"onecard/models"
	"onecard/models/mirror"
)

// listed are the banks and outlets, which such a source does not tell: a file, or a page, that the bureau keeps.
type listed struct {
	at     string // a file, or an http address
	page   mirror.Page
	cursor string
	next   time.Time // when to read it again
}

const (
	listsEvery   = 10 * time.Minute
	listsRetry   = time.Minute
	listsLongest = 16 << 20
)

// Page gives the lists when they have changed since the cursor. Nothing of people comes this way.
func (c *Cards) Page(ctx context.Context, cursor string, _ int) (mirror.Page, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := models.Instant(c.line.Clock().Now())
	if !now.Before(c.lists.next) {
		c.lists.next = now.Add(listsRetry)
		if err := c.readLists(ctx, now); err != nil {
			return mirror.Page{}, models.ErrUnavailable.Because(err)
		}
		c.lists.next = now.Add(listsEvery)
	}
	switch c.lists.cursor {
	case "":
		return mirror.Page{}, models.ErrUnavailable.Because(errors.New("registry: cards: the lists of banks and outlets have not been read yet"))
	case cursor:
		return mirror.Page{Next: cursor, AsOf: c.lists.page.AsOf}, nil
	}
	return c.lists.page, nil
}

func (c *Cards) readLists(ctx context.Context, now time.Time) error {
	raw, err := c.lists.fetch(ctx)
	if err != nil {
		return err
	}
	events, err := registry.ReadLists(raw, now)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(raw)
	c.lists.cursor = "lists:" + hex.EncodeToString(sum[:])
	c.lists.page = mirror.Page{Events: events, Next: c.lists.cursor, AsOf: now}
	return nil
}

// fetch reads the file or page whole.
func (l *listed) fetch(ctx context.Context) ([]byte, error) {
	if !strings.HasPrefix(l.at, "http://") && !strings.HasPrefix(l.at, "https://") {
		f, err := os.Open(l.at) // #nosec G304 -- an operator's setting
		if err != nil {
			return nil, errors.New("registry: cards: the file of lists cannot be opened")
		}
		defer func() { _ = f.Close() }()
		return whole(f)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, l.at, nil)
	if err != nil {
		return nil, errors.New("registry: cards: the address of lists cannot be asked")
	}
	client := http.Client{Timeout: 10 * time.Second}
	defer client.CloseIdleConnections()
	res, err := client.Do(req)
	if err != nil {
		return nil, errors.New("registry: cards: the address of lists does not answer")
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return nil, errors.New("registry: cards: the address of lists answers no list")
	}
	return whole(res.Body)
}

func whole(r io.Reader) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r, listsLongest+1))
	if err != nil || len(raw) > listsLongest {
		return nil, errors.New("registry: cards: the lists break off, or are too long")
	}
	return raw, nil
}
