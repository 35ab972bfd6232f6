package subsidy

import (
	"bufio"
	"bytes"
	"container/heap"
	"encoding/binary"
	"errors"
	"hash"
	"hash/crc32"
	"io"
)

// piece reads one segment, record by record, and checks its sum at the end.
type piece struct {
	in   *bufio.Reader
	sum  hash.Hash32
	want uint32
	row  []byte
}

func (s *spool) piece(g segment, buffer int) *piece {
	p := &piece{sum: crc32.New(castagnoli), want: g.Sum}
	p.in = bufio.NewReaderSize(io.TeeReader(io.NewSectionReader(s.file, g.At, g.Size), p.sum), buffer)
	return p
}

const longestRecord = 4 << 20

// next reads a record that begins with its length; io.EOF behind the last, if the segment is what was written.
func (p *piece) next() error {
	size, err := binary.ReadUvarint(p.in)
	if errors.Is(err, io.EOF) {
		if p.sum.Sum32() != p.want {
			return errSpoolBroken
		}
		return io.EOF
	}
	if err != nil || size > longestRecord {
		return errSpoolBroken
	}
	if uint64(cap(p.row)) < size {
		p.row = make([]byte, size, 2*size)
	}
	p.row = p.row[:size]
	if _, err := io.ReadFull(p.in, p.row); err != nil {
		return errSpoolBroken
	}
	return nil
}

// runs is a heap of sorted runs, the one with the lowest row on top.
type runs []*piece

func (r runs) Len() int           { return len(r) }
func (r runs) Less(i, j int) bool { return bytes.Compare(r[i].row[:rowHead], r[j].row[:rowHead]) < 0 }
func (r runs) Swap(i, j int)      { r[i], r[j] = r[j], r[i] }
func (r *runs) Push(x any)        { *r = append(*r, x.(*piece)) } //nolint:forcetypeassert // container/heap's form
func (r *runs) Pop() any {
	last := len(*r) - 1
	x := (*r)[last]
	*r = (*r)[:last]
	return x
}

// mergeBuffers is what all runs together may hold in memory.
const mergeBuffers = 8 << 20

// Rows hands over the lines of a checked batch in the order of their payees. Next gives io.EOF behind the last one; the
// payment it filled is good until the next call.
type Rows struct {
	runs   runs
	reader rowReader
	now    Payment
	read   int
	want   int
}

// Count is how many lines there are.
func (r *Rows) Count() int { return r.want }

// rows opens the merged runs; each call begins anew.
func (s *spool) rows(b Batch) (*Rows, error) {
	r := &Rows{reader: rowReader{month: b.LedgerMonth, batch: b.ID}, want: s.m.Stored}
	n := 0
	for _, g := range s.m.Segments {
		if g.Of == segmentRows {
			n++
		}
	}
	for _, g := range s.m.Segments {
		if g.Of != segmentRows {
			continue
		}
		p := s.piece(g, min(max(mergeBuffers/n, 4<<10), 256<<10))
		if err := p.first(); err != nil {
			return nil, err
		}
		r.runs = append(r.runs, p)
	}
	heap.Init(&r.runs)
	return r, nil
}

func (p *piece) first() error {
	if err := p.next(); err != nil || len(p.row) < rowHead {
		return errSpoolBroken
	}
	return nil
}

// Next fills the next payment; io.EOF behind the last.
func (r *Rows) Next() (*Payment, error) {
	if len(r.runs) == 0 {
		if r.read != r.want {
			return nil, errSpoolBroken
		}
		return nil, io.EOF
	}
	top := r.runs[0]
	if err := r.reader.read(top.row, &r.now); err != nil {
		return nil, err
	}
	r.read++
	switch err := top.next(); {
	case errors.Is(err, io.EOF):
		heap.Pop(&r.runs)
	case err != nil:
		return nil, err
	case len(top.row) < rowHead:
		return nil, errSpoolBroken
	default:
		heap.Fix(&r.runs, 0)
	}
	return &r.now, nil
}

// each reads the records of one sort.
func (s *spool) each(of string, take func(record []byte) error) error {
	for _, g := range s.m.Segments {
		if g.Of != of {
			continue
		}
		p := s.piece(g, 64<<10)
		for {
			err := p.next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err == nil {
				err = take(p.row)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}
