package objects

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/configs"
	"onecard/models/card"
)

// What the pretend store checks of a request, as AWS describes Signature Version 4: the key, its scope, an age of at most a
// quarter of an hour, and the signature over method, path, query, signed headers and the digest of the body.
const (
	theKeyID  = "access"
	theSecret = "secret-of-the-store"
	theRegion = "luoyang-1"
	skewMost  = 15 * time.Minute
)

// refusalOf is the S3 code with which a request is refused; empty: it is signed by us.
func refusalOf(r *http.Request, now time.Time) string {
	fields, ok := strings.CutPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ")
	if !ok {
		return "AccessDenied"
	}
	auth := map[string]string{}
	for _, f := range strings.Split(fields, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(f), "=")
		auth[name] = value
	}
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if err != nil {
		return "AccessDenied"
	}
	scope := []string{at.Format("20060102"), theRegion, "s3", "aws4_request"}
	id, of, _ := strings.Cut(auth["Credential"], "/")
	signed := strings.Split(auth["SignedHeaders"], ";")
	switch {
	case id != theKeyID:
		return "InvalidAccessKeyId"
	case of != strings.Join(scope, "/"):
		return "AuthorizationHeaderMalformed"
	case now.Sub(at).Abs() > skewMost:
		return "RequestTimeTooSkewed"
	case !slices.Contains(signed, "host"), !slices.Contains(signed, "x-amz-date"), !slices.Contains(signed, "x-amz-content-sha256"):
		return "AccessDenied"
	}
	text := strings.Join([]string{"AWS4-HMAC-SHA256", r.Header.Get("X-Amz-Date"), strings.Join(scope, "/"), digest(canonical(r, signed))}, "\n")
	key := []byte("AWS4" + theSecret)
	for _, part := range append(scope, text) {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part))
		key = mac.Sum(nil)
	}
	if !hmac.Equal([]byte(hex.EncodeToString(key)), []byte(auth["Signature"])) {
		return "SignatureDoesNotMatch"
	}
	return ""
}

func canonical(r *http.Request, signed []string) string {
	lines := []string{r.Method, r.URL.EscapedPath(), canonicalQuery(r.URL.Query())}
	for _, name := range signed {
		value := strings.Join(r.Header.Values(name), ",")
		switch name {
		case "host":
			value = r.Host
		case "content-length":
			value = strconv.FormatInt(r.ContentLength, 10)
		}
		lines = append(lines, name+":"+strings.Join(strings.Fields(value), " "))
	}
	return strings.Join(append(lines, "", strings.Join(signed, ";"), r.Header.Get("X-Amz-Content-Sha256")), "\n")
}

func canonicalQuery(q url.Values) string {
	var pairs []string
	for name, values := range q {
		for _, v := range values {
			pairs = append(pairs, escape(name)+"="+escape(v))
		}
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "&")
}

func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// The check itself, against the example of the published documents: "Signature Calculations for the Authorization Header",
// GET Object, whose key, date and signature AWS names there.
func TestTheCheckOfSignaturesKnowsThePublishedExample(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodGet, "https://examplebucket.s3.amazonaws.com/test.txt", nil)
	r.Header.Set("Range", "bytes=0-9")
	r.Header.Set("X-Amz-Date", "20130524T000000Z")
	r.Header.Set("X-Amz-Content-Sha256", digest(""))
	require.Equal(t, "7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972",
		digest(canonical(r, []string{"host", "range", "x-amz-content-sha256", "x-amz-date"})))
}

// Forged requests are refused by the store, and to us that is a store that is down: nothing is stored, read or deleted.
func TestForgedRequestsAreRefused(t *testing.T) {
	t.Parallel()
	s := newPretendS3(t)
	good := openBucket(t, s.settings(t))
	require.NoError(t, good.Put(t.Context(), oneKey, []byte("ours")))
	for name, change := range map[string]func(*configs.S3){
		"another secret": func(c *configs.S3) { c.SecretKey = configs.NewSecret("a-guessed-secret") },
		"another key":    func(c *configs.S3) { c.AccessKey = "somebody" },
		"another region": func(c *configs.S3) { c.Region = "zhengzhou-1" },
	} {
		cfg := s.settings(t)
		change(&cfg)
		b := openBucket(t, cfg)
		require.ErrorIs(t, b.Put(t.Context(), oneKey, []byte("forged")), card.ErrObjectsDown, name)
		require.ErrorIs(t, b.Delete(t.Context(), oneKey), card.ErrObjectsDown, name)
		_, err := b.Get(t.Context(), oneKey)
		require.ErrorIs(t, err, card.ErrObjectsDown, name)
		require.ErrorIs(t, b.Probe(t.Context()), card.ErrObjectsDown, name)
	}
	got, err := good.Get(t.Context(), oneKey)
	require.NoError(t, err)
	require.Equal(t, "ours", string(got))

	var seen *http.Request // one that we signed, in somebody else's hands
	s.fail(func(_ http.ResponseWriter, r *http.Request) bool { seen = r.Clone(t.Context()); return false })
	require.NoError(t, good.Put(t.Context(), otherKey, []byte("seen")))
	s.fail(nil)
	send := func(method, path, body, digest string) int {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
		require.NoError(t, err)
		r.Header = seen.Header.Clone()
		if digest != "" {
			r.Header.Set("X-Amz-Content-Sha256", digest)
		}
		answer, err := s.Client().Do(r)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		return answer.StatusCode
	}
	same := "/" + theBucket + "/" + otherKey
	require.Equal(t, http.StatusOK, send(http.MethodPut, same, "seen", ""), "as it was signed it is taken: what follows is refused for its change")
	require.Equal(t, http.StatusForbidden, send(http.MethodPut, "/"+theBucket+"/"+oneKey, "seen", ""), "another object")
	require.Equal(t, http.StatusForbidden, send(http.MethodDelete, same, "", ""), "another act")
	require.Equal(t, http.StatusForbidden, send(http.MethodPut, same, "evil", digest("evil")), "another body with its digest")
	require.Equal(t, http.StatusBadRequest, send(http.MethodPut, same, "evil", ""), "another body")
	require.Equal(t, "RequestTimeTooSkewed", refusalOf(seen, time.Now().Add(16*time.Minute)))
	require.Empty(t, refusalOf(seen, time.Now()))
}
