package objects

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/configs"
	"onecard/models/card"
)

// pretendS3 answers the five requests we make as the S3 documents say, from memory. It checks the signature of each, and that
// the signed digest is the body's.
type pretendS3 struct {
	*httptest.Server
	mu      sync.Mutex
	at      map[string][]byte
	stored  time.Time
	fault   func(w http.ResponseWriter, r *http.Request) bool // answers instead, where it returns true
	refused int
}

const theBucket = "onecard-pictures"

func newPretendS3(t *testing.T) *pretendS3 {
	s := &pretendS3{at: map[string][]byte{}, stored: time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)}
	s.Server = httptest.NewTLSServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *pretendS3) refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "<Error><Code>%s</Code><Message>no</Message></Error>", code)
}

func (s *pretendS3) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	fault := s.fault
	s.mu.Unlock()
	if fault != nil && fault(w, r) {
		return
	}
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	if code := refusalOf(r, time.Now()); code != "" {
		s.refused++
		s.refuse(w, http.StatusForbidden, code)
		return
	}
	key, inBucket := strings.CutPrefix(r.URL.Path, "/"+theBucket)
	key = strings.TrimPrefix(key, "/")
	if !inBucket {
		s.refuse(w, http.StatusNotFound, "NoSuchBucket")
		return
	}
	switch {
	case r.Method == http.MethodHead && key == "":
	case r.Method == http.MethodGet && key == "":
		s.list(w, r)
	case r.Method == http.MethodPut:
		if sum := sha256.Sum256(body); r.Header.Get("X-Amz-Content-Sha256") != hex.EncodeToString(sum[:]) {
			s.refused++
			s.refuse(w, http.StatusBadRequest, "XAmzContentSHA256Mismatch")
			return
		}
		s.at[key] = body
		w.Header().Set("ETag", `"1"`)
	case r.Method == http.MethodGet:
		data, ok := s.at[key]
		if !ok {
			s.refuse(w, http.StatusNotFound, "NoSuchKey")
			return
		}
		w.Header().Set("ETag", `"1"`)
		w.Header().Set("Last-Modified", s.stored.Format(http.TimeFormat))
		w.Header().Set("Content-Length", strconv.Itoa(len(data)))
		_, _ = w.Write(data)
	case r.Method == http.MethodDelete:
		delete(s.at, key)
		w.WriteHeader(http.StatusNoContent)
	default:
		s.refuse(w, http.StatusMethodNotAllowed, "MethodNotAllowed")
	}
}

func (s *pretendS3) list(w http.ResponseWriter, r *http.Request) {
	type entry struct {
		Key          string
		LastModified string
		Size         int
	}
	var page struct {
		XMLName     xml.Name `xml:"ListBucketResult"`
		Name        string
		IsTruncated bool
		Contents    []entry

		NextContinuationToken string
	}
	q := r.URL.Query()
	most, _ := strconv.Atoi(q.Get("max-keys"))
	after := max(q.Get("start-after"), q.Get("continuation-token"))
	page.Name = theBucket
	for _, key := range slices.Sorted(maps.Keys(s.at)) {
		if key <= after {
			continue
		}
		if len(page.Contents) == most {
			page.IsTruncated = true
			page.NextContinuationToken = page.Contents[most-1].Key
			break
		}
		page.Contents = append(page.Contents, entry{key, s.stored.Format("2006-01-02T15:04:05.000Z"), len(s.at[key])})
	}
	w.Header().Set("Content-Type", "application/xml")
	_ = xml.NewEncoder(w).Encode(page)
}

func (s *pretendS3) fail(f func(w http.ResponseWriter, r *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

func (s *pretendS3) settings(t *testing.T) configs.S3 {
	ca := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600))
	return configs.S3{URL: s.URL, Region: theRegion, Bucket: theBucket, AccessKey: theKeyID, SecretKey: configs.NewSecret(theSecret),
		PathStyle: true, CAFile: ca, Timeout: 10 * time.Second}
}

func openBucket(t *testing.T, cfg configs.S3) *Bucket {
	t.Helper()
	b, err := OpenBucket(cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.Close()) })
	return b
}

func TestABucketConforms(t *testing.T) {
	t.Parallel()
	conform(t, func(t *testing.T) Place { return openBucket(t, newPretendS3(t).settings(t)) })
}

// TestABucketOfARealServerConforms runs where a server is named: ONECARD_TEST_S3=http://access:secret@127.0.0.1:9000/bucket
func TestABucketOfARealServerConforms(t *testing.T) {
	t.Parallel()
	cfg, ok := realServer(t)
	if !ok {
		t.Skip("ONECARD_TEST_S3 is not set")
	}
	conformOnOne(t, openBucket(t, cfg))
}

func TestAStoreThatFailsIsDownAndNothingElse(t *testing.T) {
	t.Parallel()
	refusing := func(status int, code string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool {
			(&pretendS3{}).refuse(w, status, code)
			return true
		}
	}
	faults := map[string]func(http.ResponseWriter, *http.Request) bool{
		"refused":   refusing(http.StatusForbidden, "AccessDenied"),
		"no bucket": refusing(http.StatusNotFound, "NoSuchBucket"),
		"busy":      refusing(http.StatusServiceUnavailable, "SlowDown"),
		"cut off": func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Length", "100000")
			w.Header().Set("ETag", `"1"`)
			w.Header().Set("Last-Modified", time.Now().UTC().Format(http.TimeFormat))
			_, _ = w.Write([]byte("<ListBucketResult>"))
			panic(http.ErrAbortHandler)
		},
		"hangs": func(_ http.ResponseWriter, r *http.Request) bool {
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
			return true
		},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newPretendS3(t)
			cfg := s.settings(t)
			cfg.Timeout = 500 * time.Millisecond
			b := openBucket(t, cfg)
			s.fail(fault)
			_, err := b.Get(t.Context(), oneKey)
			require.ErrorIs(t, err, card.ErrObjectsDown)
			require.NotErrorIs(t, err, card.ErrNoObject, "that would end an application's pictures")
			_, err = b.List(t.Context(), "", 10)
			require.ErrorIs(t, err, card.ErrObjectsDown)
			if name == "cut off" {
				return // the answers to the others have no body
			}
			require.ErrorIs(t, b.Put(t.Context(), oneKey, []byte("x")), card.ErrObjectsDown)
			require.ErrorIs(t, b.Delete(t.Context(), oneKey), card.ErrObjectsDown)
			require.ErrorIs(t, b.Probe(t.Context()), card.ErrObjectsDown)
			s.fail(nil)
			require.NoError(t, b.Probe(t.Context()))
		})
	}
}

func TestABucketThatIsNotThereIsFoundByTheProbe(t *testing.T) {
	t.Parallel()
	s := newPretendS3(t)
	cfg := s.settings(t)
	cfg.Bucket = "somebody-elses"
	require.ErrorIs(t, openBucket(t, cfg).Probe(t.Context()), card.ErrObjectsDown)
	cfg = s.settings(t)
	cfg.CAFile = ""
	require.ErrorIs(t, openBucket(t, cfg).Probe(t.Context()), card.ErrObjectsDown, "a certificate nobody vouches for")
	cfg.CAFile = filepath.Join(t.TempDir(), "none.pem")
	_, err := OpenBucket(cfg)
	require.ErrorContains(t, err, "objects.s3.ca_file")
}

func TestTheStoreSeesSealedBytesOnly(t *testing.T) {
	t.Parallel()
	s := newPretendS3(t)
	o := &Objects{openBucket(t, s.settings(t)), boundSealer{}}
	require.NoError(t, o.Put(t.Context(), oneKey, []byte("the face of a person")))
	require.NotContains(t, string(s.at[oneKey]), "the face of a person")
	got, err := o.Get(t.Context(), oneKey)
	require.NoError(t, err)
	require.Equal(t, "the face of a person", string(got))
	s.at[oneKey] = s.at[oneKey][:len(s.at[oneKey])-1]
	_, err = o.Get(t.Context(), oneKey)
	require.ErrorIs(t, err, card.ErrObjectChanged)
	require.Zero(t, s.refused)
}

// conformOnOne is the part of the suite that a store with other people's objects in it can bear.
func conformOnOne(t *testing.T, b *Bucket) {
	ctx := context.Background()
	require.NoError(t, b.Probe(ctx))
	for _, key := range []string{oneKey, otherKey} {
		require.NoError(t, b.Put(ctx, key, []byte("first")))
		require.NoError(t, b.Put(ctx, key, []byte("second")))
		got, err := b.Get(ctx, key)
		require.NoError(t, err)
		require.Equal(t, "second", string(got))
	}
	page, err := b.List(ctx, oneKey, 1)
	require.NoError(t, err)
	require.NotEmpty(t, page)
	for _, key := range []string{oneKey, otherKey, oneKey} {
		require.NoError(t, b.Delete(ctx, key))
		_, err := b.Get(ctx, key)
		require.ErrorIs(t, err, card.ErrNoObject)
	}
}
