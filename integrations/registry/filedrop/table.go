package filedrop

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"onecard/models"
	"onecard/models/subsidy"
)

// A table's cell becomes a member of the contract's line; write brings it into JSON.
type column struct {
	member string
	write  func(b []byte, member, cell string) ([]byte, error)
}

// columns lists what a table may have. Month and batch are the control file's.
var columns = map[string]column{
	"line_no": {"line_no", writeNumber}, "amount_fen": {"amount_fen", writeNumber}, "version": {"version", writeNumber},
	"programme_version": {"programme_version", writeNumber}, "old_channel": {"old_channel", writeTruth},
	"payee_ref": {"payee_ref", writeText}, "beneficiary_ref": {"beneficiary_ref", writeText}, "payee_kind": {"payee_kind", writeText},
	"household_ref": {"household_ref", writeText}, "programme_code": {"programme_code", writeText}, "district": {"district", writeText},
	"period": {"period", writeText}, "state": {"state", writeText}, "credit_no": {"credit_no", writeText}, "paying_bank": {"paying_bank", writeText},
	"account_bank": {"account_bank", writeText}, "account_tail": {"account_tail", writeText}, "return_reason": {"return_reason", writeText},
	"planned_at": {"planned_at", writeInstant}, "publicised_at": {"publicised_at", writeInstant}, "approved_at": {"approved_at", writeInstant},
	"sent_at": {"sent_at", writeInstant}, "credited_at": {"credited_at", writeInstant}, "returned_at": {"returned_at", writeInstant},
	"changed_at": {"changed_at", writeInstant}, "reissue_of": {"reissue_of", writeKey}, "reissued_as": {"reissued_as", writeKey},
	"exception_reason": {}, "exception_approver": {}, // one member together
}

var neededColumns = []string{"line_no", "payee_ref", "amount_fen", "state"}

// Why a row cannot be read.
var (
	errCells   = errors.New("cells_count")
	errQuotes  = errors.New("cells_quotes")
	errNumber  = errors.New("number_form")
	errTruth   = errors.New("truth_form")
	errInstant = errors.New("instant_form")
	errLink    = errors.New("link_form")
)

// table turns the rows of a CSV file into lines of the contract.
type table struct {
	names  []string
	fixed  []byte            // what the control file says of every line
	filled map[string][]byte // member → what stands for an empty cell
	cells  []string
	line   []byte
}

// readHeader reads the first row.
func readHeader(in *bufio.Reader, c control) (*table, error) {
	row, err := in.ReadSlice('\n')
	if err != nil {
		return nil, fmt.Errorf("%w: the first row must name the columns, and rows must follow it", ErrFile)
	}
	t := &table{}
	if err := t.split(bytes.TrimRight(row, "\r\n")); err != nil {
		return nil, fmt.Errorf("%w: the first row cannot be read", ErrFile)
	}
	for _, name := range t.cells {
		name = strings.ToLower(strings.TrimSpace(name))
		if _, known := columns[name]; !known {
			return nil, fmt.Errorf("%w: column %d is not one of ours: %.40q; see docs/ingest.md", ErrFile, len(t.names)+1, name)
		}
		if slices.Contains(t.names, name) {
			return nil, fmt.Errorf("%w: column %s stands twice", ErrFile, name)
		}
		t.names = append(t.names, name)
	}
	for _, name := range neededColumns {
		if !slices.Contains(t.names, name) {
			return nil, fmt.Errorf("%w: column %s is missing", ErrFile, name)
		}
	}
	return t, t.fill(c)
}

// fill prepares what rows leave to the control file.
func (t *table) fill(c control) (err error) {
	t.filled = map[string][]byte{}
	t.fixed = append(must(writeText([]byte("{"), "ledger_month", c.LedgerMonth)), ',')
	t.fixed = must(writeText(t.fixed, "batch_id", c.ID))
	text := func(member, value string) {
		if value != "" {
			t.filled[member] = must(writeText(nil, member, value))
		}
	}
	text("programme_code", c.Programme)
	text("district", c.District)
	text("period", c.Period)
	text("paying_bank", c.PayingBank)
	text("payee_kind", subsidy.ToIndividual)
	t.filled["programme_version"] = must(writeNumber(nil, "programme_version", fmt.Sprint(c.Edition)))
	t.filled["version"] = must(writeNumber(nil, "version", fmt.Sprint(c.Version)))
	t.filled["changed_at"], err = writeInstant(nil, "changed_at", c.AnnouncedAt.UTC().Format(time.RFC3339Nano))
	for name, value := range t.filled {
		if !slices.Contains(t.names, name) {
			t.fixed = append(append(t.fixed, ','), value...)
		}
	}
	return err
}

// must is for values the control file's check let through.
func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

// turn makes the line of one row; it is good until the next.
func (t *table) turn(row []byte) ([]byte, error) {
	if err := t.split(row); err != nil {
		return nil, err
	}
	if len(t.cells) != len(t.names) {
		return nil, errCells
	}
	b := append(t.line[:0], t.fixed...)
	var payee, beneficiary, reason, approver string
	var err error
	for i, name := range t.names {
		cell := strings.TrimSpace(t.cells[i])
		switch name {
		case "payee_ref":
			payee = cell
		case "beneficiary_ref":
			beneficiary = cell
		case "exception_reason":
			reason = cell
			continue
		case "exception_approver":
			approver = cell
			continue
		}
		if cell == "" {
			if usual := t.filled[name]; usual != nil {
				b = append(append(b, ','), usual...)
			}
			continue
		}
		if b, err = columns[name].write(append(b, ','), columns[name].member, cell); err != nil {
			return nil, err
		}
	}
	if beneficiary == "" {
		b = must(writeText(append(b, ','), "beneficiary_ref", payee))
	}
	if reason != "" || approver != "" {
		b = must(writeText(append(b, `,"exception":{`...), "reason", reason))
		b = append(must(writeText(append(b, ','), "approver", approver)), '}')
	}
	t.line = append(b, '}')
	return t.line, nil
}

// split parts a row at its commas. A cell may stand in quotes; a line feed in a cell is not read.
func (t *table) split(row []byte) error {
	t.cells = t.cells[:0]
	text := string(row)
	if !strings.Contains(text, `"`) {
		for {
			cell, rest, more := strings.Cut(text, ",")
			t.cells = append(t.cells, cell)
			if !more {
				return nil
			}
			text = rest
		}
	}
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord = -1
	cells, err := r.Read()
	if err != nil {
		return errQuotes
	}
	t.cells = append(t.cells, cells...)
	return nil
}

func writeName(b []byte, member string) []byte {
	return append(append(append(b, '"'), member...), '"', ':')
}

func writeText(b []byte, member, cell string) ([]byte, error) {
	b = writeName(b, member)
	for i := range len(cell) {
		if c := cell[i]; c < ' ' || c == '"' || c == '\\' {
			raw, err := json.Marshal(cell)
			return append(b, raw...), err
		}
	}
	return append(append(append(b, '"'), cell...), '"'), nil
}

func writeNumber(b []byte, member, cell string) ([]byte, error) {
	digits := strings.TrimPrefix(cell, "-")
	if digits == "" || len(digits) > 18 || len(digits) > 1 && digits[0] == '0' || strings.Trim(digits, "0123456789") != "" {
		return b, errNumber
	}
	return append(writeName(b, member), cell...), nil
}

func writeTruth(b []byte, member, cell string) ([]byte, error) {
	switch strings.ToLower(cell) {
	case "true", "1":
		cell = "true"
	case "false", "0":
		cell = "false"
	default:
		return b, errTruth
	}
	return append(writeName(b, member), cell...), nil
}

// writeInstant takes RFC 3339, and the clock of the wall in Shanghai: 2021-12-20 10:00:00.
func writeInstant(b []byte, member, cell string) ([]byte, error) {
	at, err := time.Parse(time.RFC3339, cell)
	if err != nil {
		at, err = time.ParseInLocation(time.DateTime, cell, models.Shanghai)
	}
	if err != nil || at.Year() < 1900 || at.Year() > 9999 {
		return b, errInstant
	}
	b = at.UTC().AppendFormat(append(writeName(b, member), '"'), time.RFC3339Nano)
	return append(b, '"'), nil
}

// writeKey takes the name of another payment: 2021-11~B00017~3.
func writeKey(b []byte, member, cell string) ([]byte, error) {
	k, ok := subsidy.ParseKey(cell)
	if !ok {
		return b, errLink
	}
	raw, err := json.Marshal(map[string]any{"ledger_month": k.LedgerMonth, "batch_id": k.BatchID, "line_no": k.Line})
	return append(writeName(b, member), raw...), err
}
