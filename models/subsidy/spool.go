package subsidy

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"onecard/models"
)

// A spool is a batch on this machine's disk, checked and sorted, between its reading and its storing: one file of
// segments and, written last, a manifest that vouches for them. Without a manifest there is no spool. Files are 0600 and
// named by the announcement's hash; a worker that dies leaves a whole spool behind, or nothing that counts.
type manifest struct {
	Form      int       `json:"form"`
	Name      string    `json:"name"` // the announcement's hash
	File      string    `json:"file"`
	Lines     int       `json:"lines"`
	Stored    int       `json:"stored"`
	Last      int       `json:"last"` // highest line number
	TotalFen  int64     `json:"total_fen"`
	Digest    string    `json:"digest"`
	Held      int       `json:"held"`
	Parked    int       `json:"parked"`
	Verdict   string    `json:"verdict,omitempty"` // why the batch is held whole
	Waiting   []string  `json:"waiting"`           // programmes not in the list when it was read
	Segments  []segment `json:"segments"`
	WrittenAt time.Time `json:"written_at"`
}

const spoolForm = 2

// segment is one piece of the file: a sorted run of rows, findings, or lines to be parked.
type segment struct {
	Of   string `json:"of"`
	At   int64  `json:"at"`
	Size int64  `json:"size"`
	Sum  uint32 `json:"sum"`
}

const (
	segmentRows     = "rows"
	segmentFindings = "findings"
	segmentParked   = "parked"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// spoolName names an announcement: other figures or another version are another spool.
func spoolName(b Batch) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{b.ID, b.LedgerMonth, strconv.FormatInt(b.Version, 10), strconv.Itoa(b.Count),
		strconv.FormatInt(int64(b.TotalFen), 10), b.Digest}, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// runBytes is how much is sorted in memory at a time.
const runBytes = 3 << 20

// safeEvery is how much is written before the disk must have it.
const safeEvery = 12 << 20

type rowAt struct {
	at   int
	size int
}

// spoolWriter writes one spool. It is used by one goroutine.
type spoolWriter struct {
	dir    string
	file   *os.File
	at     int64
	m      manifest
	rows   []byte
	index  []rowAt
	sorted []byte
	found  []byte
	parked []byte
	unsafe int // bytes that may not be on disk yet
}

func newSpoolWriter(dir, name string) (*spoolWriter, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, errSpool(err)
	}
	f, err := os.CreateTemp(dir, name+"-*.rows") // 0600
	if err != nil {
		return nil, errSpool(err)
	}
	return &spoolWriter{dir: dir, file: f, rows: make([]byte, 0, runBytes+4<<10), sorted: make([]byte, 0, runBytes+64<<10), m: manifest{Form: spoolForm, Name: name, File: filepath.Base(f.Name())}}, nil
}

// errSpool keeps the class of a disk's error, not the path, which names the batch's hash only but helps nobody.
func errSpool(err error) error {
	if path := (*os.PathError)(nil); errors.As(err, &path) {
		err = path.Err
	}
	return models.ErrUnavailable.Because(errors.Join(errors.New("subsidy: spool"), err))
}

// add takes one line to be stored.
func (w *spoolWriter) add(p *Payment) error {
	at := len(w.rows)
	var err error
	if w.rows, err = appendRow(w.rows, p); err != nil {
		return err
	}
	w.index = append(w.index, rowAt{at, len(w.rows) - at})
	w.m.Stored++
	if p.Hold != HoldNone {
		w.m.Held++
	}
	if len(w.rows) < runBytes {
		return nil
	}
	return w.flushRows()
}

func (w *spoolWriter) flushRows() error {
	if len(w.index) == 0 {
		return nil
	}
	head := func(r rowAt) []byte { return w.rows[r.at : r.at+rowHead] }
	slices.SortFunc(w.index, func(a, b rowAt) int { return bytes.Compare(head(a), head(b)) })
	w.sorted = w.sorted[:0]
	for _, r := range w.index {
		w.sorted = binary.AppendUvarint(w.sorted, uint64(r.size))
		w.sorted = append(w.sorted, w.rows[r.at:r.at+r.size]...)
	}
	w.rows, w.index = w.rows[:0], w.index[:0]
	return w.segment(segmentRows, w.sorted)
}

func (w *spoolWriter) segment(of string, body []byte) error {
	if _, err := w.file.Write(body); err != nil {
		return errSpool(err)
	}
	w.m.Segments = append(w.m.Segments, segment{of, w.at, int64(len(body)), crc32.Checksum(body, castagnoli)})
	w.at += int64(len(body))
	if w.unsafe += len(body); w.unsafe < safeEvery {
		return nil
	}
	w.unsafe = 0
	if err := w.file.Sync(); err != nil { // little by little: hundreds of MB at once hold up the disk for all
		return errSpool(err)
	}
	return nil
}

const sideBytes = 1 << 20

// note takes one finding.
func (w *spoolWriter) note(f finding) error {
	w.found = f.append(w.found)
	if len(w.found) < sideBytes {
		return nil
	}
	err := w.segment(segmentFindings, w.found)
	w.found = w.found[:0]
	return err
}

// park takes one line whose payee we do not know, its body sealed.
func (w *spoolWriter) park(p ParkedLine) error {
	w.m.Parked++
	var err error
	if w.parked, err = p.append(w.parked); err != nil {
		return err
	}
	if len(w.parked) < sideBytes {
		return nil
	}
	err = w.segment(segmentParked, w.parked)
	w.parked = w.parked[:0]
	return err
}

// end writes what is left; the spool can be read, but does not count before it is sealed.
func (w *spoolWriter) end() (*spool, error) {
	err := w.flushRows()
	if err == nil && len(w.found) > 0 {
		err = w.segment(segmentFindings, w.found)
	}
	if err == nil && len(w.parked) > 0 {
		err = w.segment(segmentParked, w.parked)
	}
	w.rows, w.sorted, w.index, w.found, w.parked = nil, nil, nil, nil, nil
	return &spool{dir: w.dir, file: w.file, m: w.m}, err
}

// seal makes the spool count: its rows on disk, then the manifest, in one rename.
func (s *spool) seal() error {
	if err := s.file.Sync(); err != nil {
		return errSpool(err)
	}
	body, err := json.Marshal(s.m)
	if err != nil {
		return err
	}
	sum := append(strconv.AppendUint(nil, uint64(crc32.Checksum(body, castagnoli)), 10), '\n')
	return writeFile(s.dir, s.m.Name, append(sum, body...))
}

// spend leaves the spool to whoever has it open: after a verdict the lines are read again.
func (s *spool) spend() error {
	if err := os.Remove(filepath.Join(s.dir, s.m.Name+".manifest")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return errSpool(err)
	}
	return nil
}

// drop leaves nothing behind.
func (w *spoolWriter) drop() {
	_ = w.file.Close()
	_ = os.Remove(w.file.Name())
}

// writeFile puts a manifest in its place at once: by rename, with file and folder on disk.
func writeFile(dir, name string, body []byte) error {
	f, err := os.CreateTemp(dir, name+"-*.new")
	if err != nil {
		return errSpool(err)
	}
	_, err = f.Write(body)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), filepath.Join(dir, name+".manifest"))
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return errSpool(err)
	}
	d, err := os.Open(dir)
	if err != nil {
		return errSpool(err)
	}
	if err = errors.Join(d.Sync(), d.Close()); err != nil {
		return errSpool(err)
	}
	return nil
}

// spool is a whole one, open for reading.
type spool struct {
	dir  string
	file *os.File
	m    manifest
}

// openSpool finds the whole and verified spool of an announcement; nil where there is none. A spool that does not hold
// what its manifest says is dropped.
func openSpool(dir, name string) *spool {
	raw, err := os.ReadFile(filepath.Join(dir, name+".manifest"))
	if err != nil {
		return nil
	}
	s := &spool{dir: dir, m: manifest{Name: name}}
	sum, body, _ := bytes.Cut(raw, []byte("\n"))
	m := manifest{}
	if string(sum) == strconv.FormatUint(uint64(crc32.Checksum(body, castagnoli)), 10) && json.Unmarshal(body, &m) == nil &&
		m.Form == spoolForm && m.Name == name && m.File == filepath.Base(m.File) {
		s.m = m
		if s.file, err = os.Open(filepath.Join(dir, m.File)); err == nil && s.verify() == nil {
			return s
		}
	}
	s.drop()
	return nil
}

func (s *spool) verify() error {
	for _, g := range s.m.Segments {
		h := crc32.New(castagnoli)
		if n, err := io.Copy(h, io.NewSectionReader(s.file, g.At, g.Size)); err != nil || n != g.Size || h.Sum32() != g.Sum {
			return errSpoolBroken
		}
	}
	return nil
}

func (s *spool) close() {
	if s.file != nil {
		_ = s.file.Close()
	}
}

// drop removes the spool and every part an earlier try left.
func (s *spool) drop() {
	s.close()
	_ = os.Remove(filepath.Join(s.dir, s.m.Name+".manifest"))
	parts, _ := filepath.Glob(filepath.Join(s.dir, s.m.Name+"-*"))
	for _, p := range parts {
		_ = os.Remove(p)
	}
}

// spoolKept is how long a spool nobody came back for is kept.
const spoolKept = 48 * time.Hour

// spoolFile is what a file of ours is called; nothing else is ever touched.
var spoolFile = regexp.MustCompile(`^[0-9a-f]{32}(-[0-9]+\.(rows|new)|\.manifest)$`)

// CleanSpool drops what has lain longer than any batch is tried; it answers how many files went. Files' own times count.
func (s *Service) CleanSpool() (int, error) {
	entries, err := os.ReadDir(s.SpoolDir)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, errSpool(err)
	}
	gone := 0
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && spoolFile.MatchString(e.Name()) && info.Mode().IsRegular() && time.Since(info.ModTime()) > spoolKept && os.Remove(filepath.Join(s.SpoolDir, e.Name())) == nil {
			gone++
		}
	}
	return gone, nil
}
