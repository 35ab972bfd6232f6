package registry

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// change is what one act changes together; one line of the journal.
type change struct {
	Events     []event        `json:"events,omitempty"`
	Command    *CommandRecord `json:"command,omitempty"`
	Effect     *Effect        `json:"effect,omitempty"`
	Attachment string         `json:"attachment,omitempty"`
	Size       int            `json:"size,omitempty"`
	Trim       string         `json:"trim,omitempty"`
	Rewind     string         `json:"rewind,omitempty"` // by Size events
	Payday     *payday        `json:"payday,omitempty"`
}

// journalHead is the first line: what the city is made of.
type journalHead struct {
	Format     int    `json:"format"`
	Seed       uint64 `json:"seed"`
	StartMonth string `json:"start_month"`
}

const journalName = "registry.journal"

// journal appends changes to a file. Without a folder it keeps nothing.
type journal struct{ file *os.File }

// openJournal reads the folder's journal, or begins one with head. It gives back the head that counts and the changes
// so far. A last line cut by a crash was never answered for and is dropped.
func openJournal(dir string, head journalHead) (*journal, journalHead, []change, error) {
	if dir == "" {
		return &journal{}, head, nil, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, head, nil, fmt.Errorf("registry sandbox: folder: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, journalName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, head, nil, fmt.Errorf("registry sandbox: journal: %w", err)
	}
	head, changes, size, err := readJournal(f, head)
	if err == nil {
		err = f.Truncate(size)
	}
	if err == nil {
		_, err = f.Seek(size, io.SeekStart)
	}
	if err == nil && size == 0 {
		err = writeLine(f, head)
	}
	if err != nil {
		return nil, head, nil, errors.Join(fmt.Errorf("registry sandbox: journal: %w", err), f.Close())
	}
	return &journal{file: f}, head, changes, nil
}

func readJournal(f io.Reader, head journalHead) (journalHead, []change, int64, error) {
	var changes []change
	var size int64
	r := bufio.NewReader(f)
	for {
		line, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return head, changes, size, nil
		}
		if err != nil {
			return head, nil, 0, err
		}
		if size == 0 {
			err = json.Unmarshal(line, &head)
		} else {
			var c change
			if err = json.Unmarshal(line, &c); err == nil {
				changes = append(changes, c)
			}
		}
		if err != nil {
			return head, nil, 0, fmt.Errorf("line %d: %w", len(changes)+1, err)
		}
		size += int64(len(line))
	}
}

func (j *journal) write(c change) error {
	if j.file == nil {
		return nil
	}
	return writeLine(j.file, c)
}

func writeLine(w io.Writer, v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = w.Write(append(line, '\n'))
	return err
}

func (j *journal) close() error {
	if j.file == nil {
		return nil
	}
	return j.file.Close()
}

// UnmarshalJSON gives the data of a journalled event its type back; data of no known type stays as it was written.
func (e *event) UnmarshalJSON(raw []byte) error {
	var in struct {
		Source, Entity, ID, Type string
		Version                  int64
		ChangedAt                time.Time `json:"changed_at"`
		Data                     json.RawMessage
		Quiet                    bool
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		return err
	}
	*e = event{Source: in.Source, Entity: in.Entity, ID: in.ID, Version: in.Version, Type: in.Type, ChangedAt: in.ChangedAt, Quiet: in.Quiet}
	kinds := map[string]any{"person": &Person{}, "card": &Card{}, "application": &Application{}, "outlet": &Outlet{}, "bank": &Bank{},
		"programme": &Programme{}, "payee": &Payee{}, "batch": &Batch{}, "payment_line": &PaymentLine{}, "office": &Office{}, "declaration": &Declaration{}}
	fact, ok := kinds[in.Entity]
	if !ok || in.Type == malformedType {
		e.Data = json.RawMessage(bytes.Clone(in.Data))
		return nil
	}
	e.Data = fact
	return json.Unmarshal(in.Data, fact)
}
