// Package filedrop brings batches that arrive as files: the `payments` source of a bureau that has nothing but a folder.
// It is a source of lines and nothing else: no feed, no calls. docs/ingest.md describes the files.
package filedrop

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"time"

	"onecard/models"
	"onecard/models/subsidy"
)

// ErrControl says what is wrong with a control file, in words for the operator.
var ErrControl = errors.New("control file")

// control is the announcement of a batch beside its lines, in the contract's words, and how the lines are written.
type control struct {
	ID          string    `json:"id"`
	LedgerMonth string    `json:"ledger_month"`
	Programme   string    `json:"programme_code"`
	Edition     int       `json:"programme_version"`
	District    string    `json:"district"`
	Department  string    `json:"department"`
	PayingUnit  string    `json:"paying_unit"`
	PayingBank  string    `json:"paying_bank"`
	Period      string    `json:"period"`
	Reissue     bool      `json:"reissue"`
	Count       int       `json:"count"`
	TotalFen    int64     `json:"total_fen"`
	DigestSM3   string    `json:"digest_sm3"`
	AnnouncedAt time.Time `json:"announced_at"`
	Version     int64     `json:"version"`
	Format      string    `json:"format"`   // csv, ndjson; empty: by the file's name
	Encoding    string    `json:"encoding"` // utf-8, gb18030; empty: utf-8
}

// mostControl is more than any control file has.
const mostControl = 64 << 10

var digestForm = regexp.MustCompile(`^[0-9a-fA-F]{64}$`)

func readControl(path string) (control, error) {
	f, err := os.Open(path) // #nosec G304 -- the operator names it
	if err != nil {
		return control{}, fmt.Errorf("%w: %w", ErrControl, err)
	}
	c := control{Edition: 1, Version: 1}
	d := json.NewDecoder(io.LimitReader(f, mostControl))
	d.DisallowUnknownFields()
	err = d.Decode(&c)
	if _, more := d.Token(); err == nil && !errors.Is(more, io.EOF) {
		err = errors.New("more than one JSON object, or too long")
	}
	if err == nil {
		err = c.sound()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return control{}, fmt.Errorf("%w %s: %w", ErrControl, path, err)
	}
	return c, nil
}

// sound names the first member that cannot be.
func (c control) sound() error {
	for _, r := range []struct {
		bad  bool
		want string
	}{
		{!subsidy.Key{LedgerMonth: "2021-01", BatchID: c.ID, Line: 1}.Proper(), "id: 1 to 64 letters, digits, _ . or -"},
		{!subsidy.Key{LedgerMonth: c.LedgerMonth, BatchID: "b", Line: 1}.Proper(), "ledger_month: a month like 2021-12"},
		{c.Programme == "", "programme_code: the item's code"},
		{c.Edition < 1, "programme_version: 1 or more"},
		{c.District == "", "district: the division code"},
		{c.Count < 1, "count: how many lines the file has"},
		{c.DigestSM3 != "" && !digestForm.MatchString(c.DigestSM3), "digest_sm3: 64 hexadecimal digits, or leave it out"},
		{c.AnnouncedAt.IsZero(), "announced_at: an instant like 2021-12-20T09:00:00+08:00"},
		{c.Version < 1, "version: 1 or more; higher when the same batch comes again with other lines"},
		{c.Format != "" && c.Format != formatCSV && c.Format != formatNDJSON, "format: csv or ndjson"},
		{c.Encoding != "" && c.Encoding != utf8Name && c.Encoding != gb18030Name, "encoding: utf-8 or gb18030"},
	} {
		if r.bad {
			return errors.New(r.want)
		}
	}
	return nil
}

func (c control) batch() subsidy.Batch {
	at := models.Instant(c.AnnouncedAt)
	return subsidy.Batch{ID: c.ID, LedgerMonth: c.LedgerMonth, Programme: c.Programme, Edition: c.Edition, District: c.District,
		Department: c.Department, PayingUnit: c.PayingUnit, PayingBank: c.PayingBank, Period: c.Period, Reissue: c.Reissue, Count: c.Count,
		TotalFen: models.Fen(c.TotalFen), Digest: c.DigestSM3, LinesBy: subsidy.ByFile, AnnouncedAt: at, Version: c.Version, ChangedAt: at}
}
