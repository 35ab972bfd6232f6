package objects

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"onecard/configs"
	"onecard/models/card"
)

// Bucket keeps objects in one bucket of an S3-compatible store.
type Bucket struct {
	api       minio.Core
	transport *http.Transport
	name      string
	timeout   time.Duration
}

// asks is how often one call is tried within its time. What is done twice is done once: an object is always put whole.
const asks = 3

// OpenBucket prepares the client. It asks the store nothing: a store that is down must not keep the product from starting.
func OpenBucket(cfg configs.S3) (*Bucket, error) {
	at, err := url.Parse(cfg.URL)
	if err != nil || at.Host == "" {
		return nil, errors.New("objects.s3.url: is not an address")
	}
	trusted := &tls.Config{MinVersion: tls.VersionTLS12}
	if cfg.CAFile != "" {
		pem, err := os.ReadFile(cfg.CAFile)
		if err != nil {
			return nil, fmt.Errorf("objects.s3.ca_file: %w", err)
		}
		trusted.RootCAs = x509.NewCertPool()
		if !trusted.RootCAs.AppendCertsFromPEM(pem) {
			return nil, errors.New("objects.s3.ca_file: holds no certificate")
		}
	}
	transport := &http.Transport{
		DialContext: (&net.Dialer{Timeout: 3 * time.Second}).DialContext, TLSClientConfig: trusted, TLSHandshakeTimeout: 5 * time.Second,
		ResponseHeaderTimeout: cfg.Timeout, MaxIdleConnsPerHost: 8, IdleConnTimeout: time.Minute, DisableCompression: true,
	}
	lookup := minio.BucketLookupDNS
	if cfg.PathStyle {
		lookup = minio.BucketLookupPath
	}
	client, err := minio.New(at.Host, &minio.Options{
		Creds: credentials.NewStaticV4(cfg.AccessKey, cfg.SecretKey.Reveal(), ""), Secure: at.Scheme == "https", Region: cfg.Region,
		BucketLookup: lookup, Transport: transport, MaxRetries: asks,
	})
	if err != nil {
		return nil, fmt.Errorf("objects.s3.url: %w", err)
	}
	return &Bucket{minio.Core{Client: client}, transport, cfg.Bucket, cfg.Timeout}, nil
}

// Put stores an object in one request, whose signature covers the bytes.
func (b *Bucket) Put(ctx context.Context, key string, sealed []byte) error {
	if err := checkKey(key); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, b.timeout)
	defer cancel()
	sum := sha256.Sum256(sealed)
	_, err := b.api.PutObject(ctx, b.name, key, bytes.NewReader(sealed), int64(len(sealed)), "", hex.EncodeToString(sum[:]),
		minio.PutObjectOptions{ContentType: "application/octet-stream"})
	return classed("put", err)
}

// Get reads an object; card.ErrNoObject where there is none.
func (b *Bucket) Get(ctx context.Context, key string) ([]byte, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, b.timeout)
	defer cancel()
	body, _, _, err := b.api.GetObject(ctx, b.name, key, minio.GetObjectOptions{})
	if err != nil {
		return nil, classed("get", err)
	}
	defer func() { _ = body.Close() }()
	data, err := io.ReadAll(io.LimitReader(body, mostSealed+1))
	if err != nil {
		return nil, classed("get", err)
	}
	if len(data) > mostSealed {
		return nil, fmt.Errorf("%w: %w", card.ErrObjectChanged, errForm)
	}
	return data, nil
}

// Delete removes an object; one that is gone already is no error.
func (b *Bucket) Delete(ctx context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, b.timeout)
	defer cancel()
	err := classed("delete", b.api.RemoveObject(ctx, b.name, key, minio.RemoveObjectOptions{}))
	if errors.Is(err, card.ErrNoObject) {
		return nil
	}
	return err
}

// List reads on in the order of keys. A page that holds keys of others only goes on behind them.
func (b *Bucket) List(ctx context.Context, after string, limit int) ([]card.StoredObject, error) {
	ctx, cancel := context.WithTimeout(ctx, b.timeout) // also ends the lister once the page is full
	defer cancel()
	var out []card.StoredObject
	for o := range b.api.Client.ListObjects(ctx, b.name, minio.ListObjectsOptions{StartAfter: after, MaxKeys: limit, Recursive: true}) {
		if o.Err != nil {
			return nil, classed("list", o.Err)
		}
		if checkKey(o.Key) != nil {
			continue
		}
		if out = append(out, card.StoredObject{Key: o.Key, StoredAt: o.LastModified}); len(out) == limit {
			break
		}
	}
	return out, nil
}

// Probe asks whether the bucket is there for us.
func (b *Bucket) Probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, b.timeout)
	defer cancel()
	there, err := b.api.BucketExists(ctx, b.name)
	if err == nil && !there {
		err = errors.New("the bucket is not there")
	}
	return classed("probe", err)
}

// Close lets idle connections go.
func (b *Bucket) Close() error {
	b.transport.CloseIdleConnections()
	return nil
}

// classed says what an error means to us: no such object, or a store that cannot be used now. What the store said stays
// in the chain; it names bucket and key, and nobody.
func classed(op string, err error) error {
	if err == nil {
		return nil
	}
	if minio.ToErrorResponse(err).Code == minio.NoSuchKey {
		return card.ErrNoObject
	}
	return fmt.Errorf("objects: %s: %w", op, errors.Join(card.ErrObjectsDown, err))
}
