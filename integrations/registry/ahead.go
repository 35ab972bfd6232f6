package registry

import (
	"cmp"
	"context"
	"errors"
	"hash"
	"io"
	"time"

	"github.com/emmansun/gmsm/sm3"

	"onecard/models"
)

const (
	pieceBytes  = 64 << 10
	piecesAhead = 4
)

// flowing is a body on its way: it is read and its digest taken some pieces ahead of its reader, because the digest alone
// is a third of the work of a long stream. It has one reader.
type flowing struct {
	full   chan piece
	free   chan []byte
	over   chan struct{}
	now    piece
	digest hash.Hash
	ended  error // what the reading ahead came to; read behind over
	failed error // why the body broke off, once its reader met that
}

// piece is some of a body, and how it ended, if it did.
type piece struct {
	buf  []byte
	at   int
	last error
}

// flow begins to read a body. An alarm rings when it stands still: only the waiting for the source counts, not the time its
// reader takes. Ending ctx must end a read that waits.
func flow(ctx context.Context, body io.Reader, alarm *time.Timer, idle time.Duration) *flowing {
	f := &flowing{full: make(chan piece, piecesAhead), free: make(chan []byte, piecesAhead), over: make(chan struct{}), digest: sm3.New()}
	for range piecesAhead {
		f.free <- make([]byte, pieceBytes)
	}
	go func() {
		defer close(f.over)
		f.ended = models.Lowly(func() error {
			for {
				var buf []byte
				select {
				case buf = <-f.free:
				case <-ctx.Done():
					return nil
				}
				alarm.Reset(idle)
				n, err := body.Read(buf[:pieceBytes])
				alarm.Stop()
				f.digest.Write(buf[:n])
				f.full <- piece{buf: buf[:n], last: err} // there is room for every piece
				if err != nil {
					return err // as its reader is told
				}
			}
		})
	}()
	return f
}

// Read gives what has come, or waits.
func (f *flowing) Read(p []byte) (int, error) {
	for f.now.at == len(f.now.buf) {
		if err := f.now.last; err != nil {
			if !errors.Is(err, io.EOF) {
				f.failed = err
			}
			return 0, err
		}
		if f.now.buf != nil {
			f.free <- f.now.buf
		}
		select {
		case f.now = <-f.full:
		case <-f.over: // it ended; what it left behind comes first
			select {
			case f.now = <-f.full:
			default:
				f.now = piece{last: cmp.Or(f.ended, io.ErrUnexpectedEOF)}
			}
		}
	}
	n := copy(p, f.now.buf[f.now.at:])
	f.now.at += n
	return n, nil
}

// end waits until nothing is read any more.
func (f *flowing) end() { <-f.over }

// sum is the digest of a body that was read to its end.
func (f *flowing) sum() []byte {
	f.end()
	return f.digest.Sum(nil)
}
